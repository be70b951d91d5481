using Hangfire.PostgreSql;
using Hangfire.Storage;
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

    /// <summary>The time without a running process of the embedded server; null while it runs, and with another server.</summary>
    internal ServerOutage? EmbeddedOutage => _embedded?.Outage;

    /// <summary>Returns when the schema is up to date. Several processes can prepare the same database at the same time.</summary>
    /// <exception cref="EmbeddedServerException">The embedded server cannot run here.</exception>
    /// <exception cref="NpgsqlException">The server rejects the connection or is not reachable in time.</exception>
    /// <exception cref="InvalidOperationException">The server or the schema is too old.</exception>
    public async Task Prepare(CancellationToken cancellation)
    {
        await wait.Retry(() => Connect(cancellation), cancellation);
        await wait.Retry(() => Migrate(cancellation), cancellation);
        readiness.MarkReady();
    }

    private async Task Connect(CancellationToken cancellation) => readiness.ConnectionString = location.ConnectionString is { } configured
        ? await ConnectTo(configured, cancellation)
        : await StartEmbedded(cancellation);

    private async Task Migrate(CancellationToken cancellation)
    {
        readiness.Step = "Migrating the database schema";
        var postgres = services.GetRequiredService<NpgsqlDataSource>();
        await using (await PipelineLock.Acquire(postgres, "schema", cancellation))
            await UpdateSchema(postgres, cancellation);
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
        _embedded ??= await EmbeddedServer.Start(location.Embedded, log, cancellation);
        _embedded.Supervise();
        readiness.AdministratorConnectionString = _embedded.AdministratorConnectionString;
        return _embedded.ConnectionString;
    }

    private async Task<string> ConnectTo(string connectionString, CancellationToken cancellation)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString);
        readiness.Step = $"Connecting to PostgreSQL at {address.Host}:{address.Port}";
        await DatabaseWait.Connect(connectionString, cancellation);
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

/// <summary>Repeats work of a start that fails for a reason that can pass.</summary>
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
    public Task UntilReachable(string connectionString, CancellationToken cancellation) => Retry(() => Connect(connectionString, cancellation), cancellation);

    /// <summary>
    /// Repeats work for up to one minute after its first failure, if the server is not reachable, is starting or stopping, or has no free
    /// connection, or if another process holds a lock. Any other failure is thrown at once.
    /// </summary>
    /// <param name="work">It can be repeated after it failed at any point.</param>
    public async Task Retry(Func<Task> work, CancellationToken cancellation)
    {
        DateTimeOffset? deadline = null;
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception failure) when (CanPass(failure) && clock.GetUtcNow() < (deadline ??= clock.GetUtcNow() + _timeout))
            {
                LogWaiting(failure.InnerException?.Message ?? failure.Message);
                await Task.Delay(_retryDelay, clock, cancellation);
            }
        }
    }

    internal static async Task Connect(string connectionString, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellation);
        RequireSupported(connection.PostgreSqlVersion, new NpgsqlConnectionStringBuilder(connectionString));
    }

    internal static void RequireSupported(Version found, NpgsqlConnectionStringBuilder address)
    {
        if (found.Major < MinimumMajorVersion)
            throw new InvalidOperationException(
                $"The server at {address.Host}:{address.Port} is PostgreSQL {found}; Titanic requires PostgreSQL {MinimumMajorVersion} or newer. " +
                $"Set ConnectionStrings:{DatabaseLocation.ConnectionStringName} to another server, or remove it to use the embedded server.");
    }

    private static bool CanPass(Exception? failure) => failure switch
    {
        null => false,
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } or NpgsqlException { InnerException: TimeoutException } or DistributedLockTimeoutException => true,
        _ => LostConnection.IsCauseOf(failure) || CanPass(failure.InnerException),
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for PostgreSQL: {Reason}")]
    private partial void LogWaiting(string reason);
}
