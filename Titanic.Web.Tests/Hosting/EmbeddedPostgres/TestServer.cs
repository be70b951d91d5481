using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

/// <summary>The server of a test run: its superuser for making databases, and the app's role that owns them.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly NpgsqlConnectionStringBuilder _administrator;
    private readonly NpgsqlConnectionStringBuilder _app;
    private readonly Func<ValueTask> _end;
    private readonly ConcurrentBag<Task> _drops = [];
    private int _databases;

    private TestServer(string prefix, string administrator, string app, Func<TestServer, ValueTask> end)
    {
        Prefix = prefix;
        // Copying a template waits for a checkpoint now and then, and a test machine may be busy.
        _administrator = new NpgsqlConnectionStringBuilder(administrator) { Pooling = false, CommandTimeout = 120, Timeout = 60 };
        _app = new NpgsqlConnectionStringBuilder(app);
        _end = () => end(this);
    }

    /// <summary>Begins the names of this run's databases, so that two runs can share a server.</summary>
    public string Prefix { get; }

    /// <summary>An embedded server that does not outlive this process, not even if the process is killed.</summary>
    public static async Task<TestServer> Start()
    {
        var folder = TestFolder.Create();
        var watchdog = OperatingSystem.IsWindows() ? null : TestServerWatchdog.Guard(folder.Path);
        var options = folder.Options with { UnixSocketOnly = !OperatingSystem.IsWindows(), MaxConnections = 300 };
        var server = await EmbeddedServer.Start(options, NullLogger.Instance, CancellationToken.None);
        return new TestServer("titanic", server.AdministratorConnectionString, server.ConnectionString, async _ =>
        {
            await server.DisposeAsync();
            folder.Dispose();
            watchdog?.Dispose();
        })
        {
            Stop = () => server.DisposeAsync().AsTask(),
            StartAgain = async () => server = await EmbeddedServer.Start(options, NullLogger.Instance, CancellationToken.None),
        };
    }

    /// <summary>Ends the connections of an embedded server's users, as a restart does; its address stays the same.</summary>
    public Func<Task> Stop { get; private init; } = () => throw new NotSupportedException("Only an embedded server is stopped.");

    public Func<Task> StartAgain { get; private init; } = () => throw new NotSupportedException("Only an embedded server is started again.");

    /// <param name="connectionString">A superuser's, on a server that stays up; it gets a role and databases for the run.</param>
    public static async Task<TestServer> Use(string connectionString)
    {
        var prefix = "titanic_" + RandomNumberGenerator.GetHexString(8, lowercase: true);
        var password = RandomNumberGenerator.GetHexString(32);
        var app = new NpgsqlConnectionStringBuilder(connectionString) { Username = prefix, Password = password };
        var server = new TestServer(
            prefix, connectionString, app.ConnectionString, async server => await server.Execute($"DROP ROLE {prefix}"));
        await server.Execute($"CREATE ROLE {prefix} LOGIN PASSWORD '{password}'");
        return server;
    }

    /// <summary>A new database of the app's role. On dispose it is dropped, whoever is still connected, while the next test is at work already: a drop takes a checkpoint.</summary>
    /// <param name="source">Of which it is a copy; nobody may be connected to it.</param>
    public async Task<TestDatabase> CreateDatabase(string source)
    {
        var name = $"{Prefix}_test_{Interlocked.Increment(ref _databases)}";
        await Execute($"create database {name} owner {_app.Username} template {source} strategy wal_log");
        var connectionString = new NpgsqlConnectionStringBuilder(_app.ConnectionString) { Database = name }.ConnectionString;
        var dataSource = NpgsqlDataSource.Create(connectionString);
        TestDatabase? database = null;
        database = new TestDatabase(name, connectionString, dataSource, async () =>
        {
            await dataSource.DisposeAsync();
            database!.Disconnect();
            _drops.Add(Execute($"drop database {name} with (force)"));
        });
        return database;
    }

    /// <summary>As the superuser.</summary>
    /// <param name="database">The superuser's own by default.</param>
    public async Task Execute(string statement, string? database = null)
    {
        await using var connection = await Connect(database);
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>As the superuser, in a connection of one's own.</summary>
    /// <param name="database">The superuser's own by default.</param>
    public async Task<NpgsqlConnection> Connect(string? database = null)
    {
        var where = new NpgsqlConnectionStringBuilder(_administrator.ConnectionString);
        where.Database = database ?? where.Database;
        var connection = new NpgsqlConnection(where.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Task.WhenAll(_drops);
        }
        finally
        {
            await _end();
        }
    }
}
