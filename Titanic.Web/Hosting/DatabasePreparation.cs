using Hangfire.PostgreSql;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Hosting.EmbeddedPostgres;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Hosting;

/// <summary>Finds or starts the database and brings its schema up to date; then opens the gate.</summary>
public sealed class DatabasePreparation(
    DatabaseGate gate, StartupProgress progress, IServiceProvider services, IConfiguration configuration, IHostEnvironment environment,
    TimeProvider clock, ILogger<DatabasePreparation> log) : IAsyncDisposable
{
    /// <summary>The setting that names a PostgreSQL of the user's; without it we bring our own.</summary>
    public const string ConnectionStringName = "Titanic";

    private EmbeddedServer? _embedded;

    public async Task Prepare(CancellationToken cancellation)
    {
        gate.ConnectionString = configuration.GetConnectionString(ConnectionStringName) is { Length: > 0 } given
            ? await Reachable(given, cancellation)
            : await StartEmbedded(cancellation);

        progress.Step = "Bringing the database schema up to date";
        var postgres = services.GetRequiredService<NpgsqlDataSource>();
        await using (await PipelineTurn.Await(postgres, "schema", cancellation))
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
        progress.Step = "Starting PostgreSQL";
        _embedded = await EmbeddedServer.Start(EmbeddedServerOptions.ForProduct(configuration, environment.ContentRootPath), log, cancellation);
        return _embedded.ConnectionString;
    }

    private async Task<string> Reachable(string connectionString, CancellationToken cancellation)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString);
        progress.Step = $"Connecting to PostgreSQL at {address.Host}:{address.Port}";
        await DatabaseWait.UntilReachable(connectionString, clock, log, cancellation);
        return connectionString;
    }

    /// <summary>Call with the turn: neither Entity Framework nor Hangfire copes with a second process that fills the same empty database.</summary>
    private async Task BringUpToDate(NpgsqlDataSource postgres, CancellationToken cancellation)
    {
        await using (var connection = await postgres.OpenConnectionAsync(cancellation))
            PostgreSqlObjectsInstaller.Install(connection, HangfireStorage.Schema);
        if (!await Schema.IsUpToDate(postgres, cancellation))
        {
            await using var scope = services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<TitanicDb>().Database.MigrateAsync(cancellation);
        }
        await MissingStatistics.Fill(postgres, cancellation);
    }
}
