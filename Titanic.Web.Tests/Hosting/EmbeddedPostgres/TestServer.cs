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

    public string AppRole => _app.Username!;

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

    public string AppConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder(_app.ConnectionString) { Database = database }.ConnectionString;

    /// <param name="database">The superuser's own by default.</param>
    public async Task Execute(string statement, string? database = null)
    {
        var where = new NpgsqlConnectionStringBuilder(_administrator.ConnectionString);
        where.Database = database ?? where.Database;
        await using var connection = new NpgsqlConnection(where.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Drops a database, whoever is still connected, while the next test is at work already: it takes a checkpoint, for which nobody has to wait.</summary>
    public void Drop(string database) => _drops.Add(Execute($"DROP DATABASE {database} WITH (FORCE)"));

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
