using System.Collections.Concurrent;
using Npgsql;
using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests;

/// <summary>A pool of copies of one template database. Each is used by one test at a time and restored for the next.</summary>
internal sealed class DatabasePool : IAsyncDisposable
{
    /// <summary>Maximum number of pooled connections that are kept for the next test; with more, all are closed.</summary>
    private const long MaximumKeptConnections = 8;

    private readonly TestServer _server;
    private readonly DatabaseSnapshot _snapshot;
    private readonly ConcurrentStack<PooledDatabase> _free = [];

    private DatabasePool(TestServer server, string template, DatabaseSnapshot content) => (_server, Template, _snapshot) = (server, template, content);

    public string Template { get; }

    /// <param name="source">The database of which the template is created as a copy.</param>
    /// <param name="fill">Creates the content of the template.</param>
    public static async Task<DatabasePool> Create(TestServer server, string source, Func<TestDatabase, Task> fill)
    {
        var template = await server.CreateDatabase(source);
        await fill(template);
        await template.DataSource.DisposeAsync();
        template.ClearConnectionPools();
        // PostgreSQL does not copy a database that has connections.
        await server.Execute($"select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '{template.Name}'");
        await using var administrator = await server.Connect(template.Name);
        return new DatabasePool(server, template.Name, await DatabaseSnapshot.Read(administrator));
    }

    public async Task<TestDatabase> Rent()
    {
        if (!_free.TryPop(out var copy))
            copy = await PooledDatabase.Create(_server, Template);
        return new TestDatabase(copy.Database.Name, copy.Database.ConnectionString, copy.Database.DataSource, () => Return(copy));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var copy in _free)
            await copy.DisposeAsync();
        await _server.Execute($"drop database {Template} with (force)");
    }

    private async ValueTask Return(PooledDatabase copy)
    {
        try
        {
            await EndConnectionsInUse(copy);
            if (await _snapshot.TryRestore(copy.Administrator, copy.SinceTransactionId))
            {
                copy.SinceTransactionId = await DatabaseSnapshot.CurrentTransactionId(copy.Administrator);
                _free.Push(copy);
                return;
            }
        }
        catch (NpgsqlException)
        {
            // The test ended the administrator's connection, too, or still holds a lock after the lock timeout. The next test gets a new
            // copy.
        }
        await copy.DisposeAsync();
    }

    /// <summary>
    /// Ends the statements, transactions and advisory locks of a test, and clears connection pools that may hold broken connections.
    /// </summary>
    private static async Task EndConnectionsInUse(PooledDatabase copy)
    {
        await using var command = new NpgsqlCommand(
            """
            select count(*), count(*) filter (where in_use and pg_terminate_backend(pid, 10000)) from (
                select pid, state is distinct from 'idle' or pid in (select pid from pg_locks where locktype = 'advisory') as in_use
                from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend') others
            """, copy.Administrator);
        long connections, ended;
        await using (var counts = await command.ExecuteReaderAsync())
        {
            await counts.ReadAsync();
            (connections, ended) = (counts.GetInt64(0), counts.GetInt64(1));
        }
        var killed = await ReadSessionsKilled(copy.Administrator);
        if (ended > 0 || connections > MaximumKeptConnections || killed != copy.SessionsKilled)
            copy.Database.ClearConnectionPools();
        copy.SessionsKilled = killed;
    }

    /// <summary>How many sessions of the database were terminated so far; a connection pool may still hold their connections.</summary>
    private static async Task<long> ReadSessionsKilled(NpgsqlConnection administrator)
    {
        await using var command = new NpgsqlCommand("select sessions_killed from pg_stat_database where datname = current_database()", administrator);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private sealed class PooledDatabase(TestDatabase database, NpgsqlConnection administrator) : IAsyncDisposable
    {
        public TestDatabase Database => database;

        public NpgsqlConnection Administrator => administrator;

        /// <summary>The ID of the last transaction before the test's first.</summary>
        public required string SinceTransactionId { get; set; }

        public required long SessionsKilled { get; set; }

        public static async Task<PooledDatabase> Create(TestServer server, string template)
        {
            var database = await server.CreateDatabase(template);
            var administrator = await server.Connect(database.Name);
            return new PooledDatabase(database, administrator) { SinceTransactionId = await DatabaseSnapshot.CurrentTransactionId(administrator), SessionsKilled = await DatabasePool.ReadSessionsKilled(administrator) };
        }

        public async ValueTask DisposeAsync()
        {
            await administrator.DisposeAsync();
            await database.DisposeAsync();
        }
    }
}
