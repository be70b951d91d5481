using System.Net.Sockets;
using Hangfire.PostgreSql;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Hosting;

/// <summary>Finds or starts the database, brings its schema up to date and makes the first administrator; then opens the gate.</summary>
public sealed partial class DatabasePreparation(
    DatabaseGate gate, StartupProgress progress, IServiceProvider services, IConfiguration configuration, IHostEnvironment environment,
    TimeProvider clock, ILogger<DatabasePreparation> log) : IAsyncDisposable
{
    /// <summary>The setting that names a PostgreSQL of the user's; without it we bring our own.</summary>
    public const string ConnectionStringName = "Titanic";

    private static readonly TimeSpan _longestWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    private EmbeddedServer? _embedded;

    public async Task Prepare(CancellationToken cancellation)
    {
        gate.ConnectionString = configuration.GetConnectionString(ConnectionStringName) is { Length: > 0 } given
            ? await Reachable(given, cancellation)
            : await StartEmbedded(cancellation);

        progress.Step = "Bringing the database schema up to date";
        await using (var scope = services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<TitanicDb>().Database.MigrateAsync(cancellation);
        await InstallHangfireSchema(cancellation);
        await CreateAdmin(cancellation);
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
        progress.Step = "Starting PostgreSQL";
        _embedded = await EmbeddedServer.Start(EmbeddedServerOptions.ForProduct(configuration, environment.ContentRootPath), log, cancellation);
        return _embedded.ConnectionString;
    }

    /// <summary>A database that is still starting is waited for; a wrong password or name is not.</summary>
    private async Task<string> Reachable(string connectionString, CancellationToken cancellation)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString);
        progress.Step = $"Connecting to PostgreSQL at {address.Host}:{address.Port}";
        var giveUpAt = clock.GetUtcNow() + _longestWait;
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(connectionString);
                await connection.OpenAsync(cancellation);
                return connectionString;
            }
            catch (NpgsqlException away) when (IsAway(away) && clock.GetUtcNow() < giveUpAt)
            {
                LogWaiting(address.Host, address.Port, away.Message);
                await Task.Delay(_pause, clock, cancellation);
            }
        }
    }

    private static bool IsAway(NpgsqlException trouble) =>
        trouble.InnerException is SocketException or TimeoutException || trouble.SqlState == PostgresErrorCodes.CannotConnectNow;

    private async Task InstallHangfireSchema(CancellationToken cancellation)
    {
        await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        PostgreSqlObjectsInstaller.Install(connection, HangfireStorage.Schema);
    }

    private async Task CreateAdmin(CancellationToken cancellation)
    {
        await using var scope = services.CreateAsyncScope();
        if (await scope.ServiceProvider.GetRequiredService<AdminAccount>().EnsureCreated(cancellation) is not { } password)
            return;
        var email = scope.ServiceProvider.GetRequiredService<Microsoft.Extensions.Options.IOptions<AdminOptions>>().Value.Email;
        // Once, and to the console only: log files are read by more people than consoles.
        Console.WriteLine($"The administrator is {email} with the password {password} (shown this once).");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for PostgreSQL at {Host}:{Port}: {Reason}")]
    private partial void LogWaiting(string? host, int port, string reason);
}
