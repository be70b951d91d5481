using System.Net.Sockets;
using Hangfire.PostgreSql;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Hosting.EmbeddedPostgres;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Hosting;

/// <summary>Connects to the database server or starts the embedded one, migrates the schema and then marks the database as ready.</summary>
public sealed class DatabasePreparation(
    DatabaseReadiness readiness, DatabaseLocation location, DatabaseWait wait, IServiceProvider services, ILogger<DatabasePreparation> log) : IAsyncDisposable
{
    private EmbeddedServer? _embedded;

    /// <summary>Returns when the schema is up to date. Several processes can prepare the same database at the same time.</summary>
    /// <exception cref="EmbeddedServerException">The embedded server cannot run here.</exception>
    /// <exception cref="NpgsqlException">The server rejects the connection or is not reachable in time.</exception>
    /// <exception cref="InvalidOperationException">The server or the schema is too old.</exception>
    public async Task Prepare(CancellationToken cancellation)
    {
        readiness.ConnectionString = location.ConnectionString is { } configured
            ? await WaitForServer(configured, cancellation)
            : await StartEmbedded(cancellation);

        readiness.Step = "Migrating the database schema";
        var postgres = services.GetRequiredService<NpgsqlDataSource>();
        await using (await PipelineLock.Acquire(postgres, "schema", cancellation))
            await UpdateSchema(postgres, cancellation);
        readiness.MarkReady();
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
        readiness.Step = "Starting PostgreSQL";
        _embedded = await EmbeddedServer.Start(location.Embedded, log, cancellation);
        readiness.AdministratorConnectionString = _embedded.AdministratorConnectionString;
        return _embedded.ConnectionString;
    }

    private async Task<string> WaitForServer(string connectionString, CancellationToken cancellation)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString);
        readiness.Step = $"Connecting to PostgreSQL at {address.Host}:{address.Port}";
        await wait.UntilReachable(connectionString, cancellation);
        return connectionString;
    }

    /// <summary>Requires the lock: Entity Framework and Hangfire fail if two processes create the schema at the same time.</summary>
    private async Task UpdateSchema(NpgsqlDataSource postgres, CancellationToken cancellation)
    {
        var isUpToDate = await Schema.IsUpToDate(postgres, cancellation);
        await using (var connection = await postgres.OpenConnectionAsync(cancellation))
            PostgreSqlObjectsInstaller.Install(connection, HangfireStorage.Schema);
        if (isUpToDate)
            return;
        await using var scope = services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<TitanicDb>().Database;
        database.SetCommandTimeout(0); // without limit: a statement on a large table can take longer than the default of 30 seconds
        await database.MigrateAsync(cancellation);
    }
}

/// <summary>The database that this process uses: <c>ConnectionStrings:Titanic</c> if it is set, else an embedded server.</summary>
public sealed class DatabaseLocation(IConfiguration configuration, IHostEnvironment environment)
{
    /// <summary>The setting below <c>ConnectionStrings</c> with the user's own PostgreSQL server.</summary>
    public const string ConnectionStringName = "Titanic";

    /// <summary>The configured connection string; null if it is not set or empty.</summary>
    public string? ConnectionString => configuration.GetConnectionString(ConnectionStringName) is { Length: > 0 } configured ? configured : null;

    /// <summary>The options of the embedded server, which is used if <see cref="ConnectionString"/> is null.</summary>
    public EmbeddedServerOptions Embedded => EmbeddedServerOptions.ForProduct(configuration, environment.ContentRootPath);
}

/// <summary>Waits for a database server that starts at the same time as this process.</summary>
public sealed partial class DatabaseWait(TimeProvider clock, ILogger<DatabaseWait> log)
{
    /// <summary>The schema uses temporal constraints (WITHOUT OVERLAPS), which exist since PostgreSQL 18.</summary>
    private const int MinimumMajorVersion = 18;

    private static readonly TimeSpan _timeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _retryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Returns when the server accepts a connection. Retries for up to one minute, but not after a wrong password or database name.
    /// </summary>
    /// <exception cref="NpgsqlException">The server rejects the connection or has not started within one minute.</exception>
    /// <exception cref="InvalidOperationException">The server is older than PostgreSQL 18.</exception>
    public async Task UntilReachable(string connectionString, CancellationToken cancellation)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString);
        var deadline = clock.GetUtcNow() + _timeout;
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(connectionString);
                await connection.OpenAsync(cancellation);
                RequireSupported(connection.PostgreSqlVersion, address);
                return;
            }
            catch (NpgsqlException failure) when (IsUnavailable(failure) && clock.GetUtcNow() < deadline)
            {
                LogWaiting(address.Host, address.Port, failure.Message);
                await Task.Delay(_retryDelay, clock, cancellation);
            }
        }
    }

    internal static void RequireSupported(Version found, NpgsqlConnectionStringBuilder address)
    {
        if (found.Major < MinimumMajorVersion)
            throw new InvalidOperationException(
                $"The server at {address.Host}:{address.Port} is PostgreSQL {found}; Titanic requires PostgreSQL {MinimumMajorVersion} or newer. " +
                $"Set ConnectionStrings:{DatabaseLocation.ConnectionStringName} to another server, or remove it to use the embedded server.");
    }

    private static bool IsUnavailable(NpgsqlException failure) =>
        failure.InnerException is SocketException or TimeoutException or IOException || failure.SqlState == PostgresErrorCodes.CannotConnectNow;

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for PostgreSQL at {Host}:{Port}: {Reason}")]
    private partial void LogWaiting(string? host, int port, string reason);
}
