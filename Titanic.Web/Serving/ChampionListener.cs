using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving;

/// <summary>
/// Reloads the champion when PostgreSQL notifies a promotion (LISTEN/NOTIFY), and every <see cref="ServingOptions.ChampionPollInterval"/>
/// in case a notification was lost.
/// </summary>
public sealed partial class ChampionListener(
    DatabaseReadiness database, IServiceProvider services, ChampionCache champion, IOptions<ServingOptions> options, ILogger<ChampionListener> log)
    : BackgroundService
{
    private static readonly TimeSpan _reconnectDelay = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WhenReady(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Listen(stoppingToken);
            }
            // Any exception: Entity Framework wraps a lost connection in types of its own, and an unhandled one would stop the host.
            catch (Exception lost) when (!stoppingToken.IsCancellationRequested)
            {
                LogConnectionLost(lost);
                await Task.Delay(_reconnectDelay, stoppingToken);
            }
        }
    }

    private async Task Listen(CancellationToken cancellation)
    {
        await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        await using var listen = new NpgsqlCommand($"listen {ModelRegistry.ChampionChannel}", connection);
        while (!cancellation.IsCancellationRequested)
        {
            // LISTEN before each reload: a promotion during the reload is then notified, and of several only the last one is loaded.
            await listen.ExecuteNonQueryAsync(cancellation);
            await champion.Reload(cancellation);
            await connection.WaitAsync(options.Value.ChampionPollInterval, cancellation);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection that listens for promotions was lost; reconnecting")]
    private partial void LogConnectionLost(Exception failure);
}
