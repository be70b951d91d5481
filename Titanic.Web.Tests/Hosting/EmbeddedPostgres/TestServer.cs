using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

/// <summary>The PostgreSQL server of a test run: its superuser creates databases, the app's role owns them.</summary>
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
        // Copying a template can wait for a checkpoint, which takes long on a busy machine.
        _administrator = new NpgsqlConnectionStringBuilder(administrator) { Pooling = false, CommandTimeout = 120, Timeout = 60 };
        _app = new NpgsqlConnectionStringBuilder(app);
        _end = () => end(this);
    }

    /// <summary>The prefix of the names of this run's databases, so that two runs can share a server.</summary>
    public string Prefix { get; }

    /// <summary>The connection string of the superuser.</summary>
    public string AdministratorConnectionString => _administrator.ConnectionString;

    /// <summary>Starts an embedded server that is stopped when this process exits, even if it is killed.</summary>
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
            Restart = async () => server = await EmbeddedServer.Start(options, NullLogger.Instance, CancellationToken.None),
        };
    }

    /// <summary>Stops the embedded server, which closes all connections; <see cref="Restart"/> uses the same address.</summary>
    public Func<Task> Stop { get; private init; } = () => throw new NotSupportedException("Only an embedded server can be stopped.");

    /// <summary>Starts the embedded server again after <see cref="Stop"/>.</summary>
    public Func<Task> Restart { get; private init; } = () => throw new NotSupportedException("Only an embedded server can be restarted.");

    /// <summary>Uses a server that is already running; creates a role for the run.</summary>
    /// <param name="connectionString">The connection string of a superuser.</param>
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

    /// <summary>
    /// Creates a database of the app's role. Dispose starts to drop it, including open connections, without waiting: a drop requires a
    /// checkpoint, and the next test can run in the meantime.
    /// </summary>
    /// <param name="source">The database to copy; it must have no connections.</param>
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
            database!.ClearConnectionPools();
            _drops.Add(Execute($"drop database {name} with (force)"));
        });
        return database;
    }

    /// <summary>Executes a statement as the superuser.</summary>
    /// <param name="database">The database; null for the superuser's own.</param>
    public async Task Execute(string statement, string? database = null)
    {
        await using var connection = await Connect(database);
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Opens a connection as the superuser.</summary>
    /// <param name="database">The database; null for the superuser's own.</param>
    /// <returns>The connection; the caller disposes it.</returns>
    public async Task<NpgsqlConnection> Connect(string? database = null)
    {
        var settings = new NpgsqlConnectionStringBuilder(_administrator.ConnectionString);
        settings.Database = database ?? settings.Database;
        var connection = new NpgsqlConnection(settings.ConnectionString);
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
