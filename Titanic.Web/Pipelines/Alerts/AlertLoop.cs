using Titanic.Web.Database;

namespace Titanic.Web.Pipelines.Alerts;

/// <summary>Evaluates the rules and sends webhooks in the background, in every process that serves.</summary>
public sealed partial class AlertLoop(DatabaseReadiness database, IServiceScopeFactory scopes, TimeProvider clock, ILogger<AlertLoop> log)
    : BackgroundService
{
    public static readonly TimeSpan EvaluationInterval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _sendInterval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WhenReady(stoppingToken);
        await Task.WhenAll(
            Repeat<AlertEvaluation>(EvaluationInterval, "Alerts cannot be evaluated", alerts => alerts.Evaluate(stoppingToken), stoppingToken),
            Repeat<WebhookSender>(_sendInterval, "Webhooks cannot be sent", sender => sender.SendDue(stoppingToken), stoppingToken));
    }

    /// <summary>Logs the first of several failures in succession; the next interval tries again.</summary>
    private async Task Repeat<TService>(TimeSpan interval, string failureMessage, Func<TService, Task> work, CancellationToken stopping)
        where TService : notnull
    {
        var isFailing = false;
        using var timer = new PeriodicTimer(interval, clock);
        do
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await work(scope.ServiceProvider.GetRequiredService<TService>());
                isFailing = false;
            }
            // Any exception: an unhandled one would stop the host.
            catch (Exception failure) when (!stopping.IsCancellationRequested)
            {
                if (!isFailing)
                    LogFailed(failure, failureMessage);
                isFailing = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{What}; the next interval tries again")]
    private partial void LogFailed(Exception failure, string what);
}
