using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving;

/// <summary>Swaps the champion when PostgreSQL announces a promotion, and looks for itself now and then in case one was missed.</summary>
public sealed partial class ChampionListener(
    DatabaseGate gate, IServiceProvider services, ChampionInMemory champion, IOptions<ServingOptions> options, ILogger<ChampionListener> log)
    : BackgroundService
{
    private static readonly TimeSpan _pauseAfterLoss = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.WhenReady(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Listen(stoppingToken);
            }
            // Whatever it was: Entity Framework, too, wraps a lost connection, and an exception from here would end the whole process.
            catch (Exception lost) when (!stoppingToken.IsCancellationRequested)
            {
                LogLost(lost);
                await Task.Delay(_pauseAfterLoss, stoppingToken);
            }
        }
    }

    private async Task Listen(CancellationToken cancellation)
    {
        await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        await using var listen = new NpgsqlCommand($"listen {ModelRegistry.ChampionChannel}", connection);
        while (!cancellation.IsCancellationRequested)
        {
            // Each time anew, which takes in whatever was announced meanwhile: of many promotions in a row only the last one counts.
            await listen.ExecuteNonQueryAsync(cancellation);
            await champion.Reload(cancellation);
            await connection.WaitAsync(options.Value.ChampionPollInterval, cancellation);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lost the connection that announces promotions; connecting again")]
    private partial void LogLost(Exception lost);
}
