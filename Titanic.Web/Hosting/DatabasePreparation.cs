using System.Net.Sockets;
using Hangfire.PostgreSql;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Hosting.EmbeddedPostgres;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Hosting;

/// <summary>Finds or starts the database and brings its schema up to date; then opens the gate.</summary>
public sealed class DatabasePreparation(
    DatabaseGate gate, DatabaseLocation location, DatabaseWait wait, IServiceProvider services, ILogger<DatabasePreparation> log) : IAsyncDisposable
{
    private EmbeddedServer? _embedded;

    public async Task Prepare(CancellationToken cancellation)
    {
        gate.ConnectionString = location.ConnectionString is { } given ? await Reachable(given, cancellation) : await StartEmbedded(cancellation);

        gate.Step = "Bringing the database schema up to date";
        var postgres = services.GetRequiredService<NpgsqlDataSource>();
        await using (await PipelineLock.Acquire(postgres, "schema", cancellation))
            await BringUpToDate(postgres, cancellation);
        gate.Open();
    }

    /// <summary>Releases the embedded server; the last process that uses it stops it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_embedded is not null)
            await _embedded.DisposeAsync();
        _embedded = null;
    }

    private async Task<string> StartEmbedded(CancellationToken cancellation)
    {
        gate.Step = "Starting PostgreSQL";
        _embedded = await EmbeddedServer.Start(location.Embedded, log, cancellation);
        return _embedded.ConnectionString;
    }

    private async Task<string> Reachable(string connectionString, CancellationToken cancellation)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString);
        gate.Step = $"Connecting to PostgreSQL at {address.Host}:{address.Port}";
        await wait.UntilReachable(connectionString, cancellation);
        return connectionString;
    }

    /// <summary>Call with the lock held: neither Entity Framework nor Hangfire copes with a second process that fills the same empty database.</summary>
    private async Task BringUpToDate(NpgsqlDataSource postgres, CancellationToken cancellation)
    {
        var isUpToDate = await Schema.IsUpToDate(postgres, cancellation);
        await using (var connection = await postgres.OpenConnectionAsync(cancellation))
            PostgreSqlObjectsInstaller.Install(connection, HangfireStorage.Schema);
        if (isUpToDate)
            return;
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TitanicDb>().Database.MigrateAsync(cancellation);
    }
}

/// <summary>Which database this process uses: the one of <c>ConnectionStrings:Titanic</c>, else an embedded server's.</summary>
public sealed class DatabaseLocation(IConfiguration configuration, IHostEnvironment environment)
{
    /// <summary>The setting below <c>ConnectionStrings</c> that names a PostgreSQL of the user's.</summary>
    public const string ConnectionStringName = "Titanic";

    /// <summary>Null where it is not set.</summary>
    public string? ConnectionString => configuration.GetConnectionString(ConnectionStringName) is { Length: > 0 } given ? given : null;

    public EmbeddedServerOptions Embedded => EmbeddedServerOptions.ForProduct(configuration, environment.ContentRootPath);
}

/// <summary>Waits for a database that starts at the same time as this process.</summary>
public sealed partial class DatabaseWait(TimeProvider clock, ILogger<DatabaseWait> log)
{
    /// <summary>The schema uses temporal constraints (WITHOUT OVERLAPS), which came with PostgreSQL 18.</summary>
    private const int OldestMajorVersion = 18;

    private static readonly TimeSpan _longestWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    /// <summary>A database that is still starting is waited for, up to a minute; a wrong password or name is not.</summary>
    /// <exception cref="NpgsqlException">It refuses the connection, or has not started in time.</exception>
    /// <exception cref="InvalidOperationException">It is older than PostgreSQL 18.</exception>
    public async Task UntilReachable(string connectionString, CancellationToken cancellation)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString);
        var giveUpAt = clock.GetUtcNow() + _longestWait;
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(connectionString);
                await connection.OpenAsync(cancellation);
                RequireSupported(connection.PostgreSqlVersion, address);
                return;
            }
            catch (NpgsqlException away) when (IsAway(away) && clock.GetUtcNow() < giveUpAt)
            {
                LogWaiting(address.Host, address.Port, away.Message);
                await Task.Delay(_pause, clock, cancellation);
            }
        }
    }

    internal static void RequireSupported(Version found, NpgsqlConnectionStringBuilder address)
    {
        if (found.Major < OldestMajorVersion)
            throw new InvalidOperationException(
                $"PostgreSQL {found} at {address.Host}:{address.Port}; {OldestMajorVersion} or newer is needed. " +
                $"ConnectionStrings:{DatabaseLocation.ConnectionStringName} names the server; without it, Titanic starts its own.");
    }

    private static bool IsAway(NpgsqlException failure) =>
        failure.InnerException is SocketException or TimeoutException or IOException || failure.SqlState == PostgresErrorCodes.CannotConnectNow;

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for PostgreSQL at {Host}:{Port}: {Reason}")]
    private partial void LogWaiting(string? host, int port, string reason);
}
