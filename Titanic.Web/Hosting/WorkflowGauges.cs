using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Hosting.EmbeddedPostgres;
using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Alerts;
using Titanic.Web.Registry;

namespace Titanic.Web.Hosting;

/// <summary>
/// Gauges of the workflow's state in the database: queue, champion, newest prediction, drift and alerts. They are read in the background, so that a
/// scrape never waits for the database, and are absent while they are unknown.
/// </summary>
internal sealed partial class WorkflowGauges : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(5);

    /// <summary>Longer than interval and timeout. A server that does not respond can delay the end of a read beyond its timeout.</summary>
    private static readonly TimeSpan _lifetime = TimeSpan.FromSeconds(30);

    private readonly DatabaseReadiness _database;
    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _clock;
    private readonly ILogger<WorkflowGauges> _log;

    /// <summary>The state that was read last; null before the first read.</summary>
    private volatile WorkflowState? _state;
    private bool _isFailing;

    public WorkflowGauges(
        IMeterFactory meters, DatabaseReadiness database, IServiceScopeFactory scopes, TimeProvider clock, ILogger<WorkflowGauges> log)
    {
        (_database, _scopes, _clock, _log) = (database, scopes, clock, log);
        var meter = meters.Create(ProductTelemetry.Name);
        meter.CreateObservableGauge("titanic.queue.depth", () => Observe<long>(state => state.Queued), "{run}", "Queued runs.");
        meter.CreateObservableGauge("titanic.queue.oldest.age", () => Observe<double>(state => AgeOf(state.OldestQueuedAt) ?? 0), "s",
            "Time since the oldest queued run was queued; 0 without queued runs.");
        meter.CreateObservableGauge("titanic.champion.version", () => Observe<long>(state => state.ChampionVersion), null,
            "Version of the champion.");
        meter.CreateObservableGauge("titanic.champion.age", () => Observe(state => AgeOf(state.ChampionSince)), "s",
            "Time since the champion was promoted.");
        meter.CreateObservableGauge("titanic.prediction.age", () => Observe(state => AgeOf(state.NewestPredictionAt)), "s",
            "Time since the newest stored prediction was made.");
        meter.CreateObservableGauge("titanic.drift.evidence.log", () => ObserveDetectors(detector => detector.LogValue), null,
            "Natural logarithm of the evidence of drift.");
        meter.CreateObservableGauge("titanic.drift.threshold.log", () => ObserveDetectors(detector => detector.LogThreshold), null,
            "Natural logarithm of the evidence that raises the alarm.");
        meter.CreateObservableGauge("titanic.alerts.open", ObserveAlerts, "{alert}", "Open alerts of a rule.");
        meter.CreateObservableGauge("titanic.drift.alarm", () => ObserveDetectors(detector => detector.IsAlarm ? 1 : 0), null,
            "1 if the drift alarm is raised, else 0.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        RunTelemetry.PublishZeros();
        ServerTelemetry.CountRestarts(0); // a monitoring system sees the first restart as an increase
        await _database.WhenReady(stoppingToken);
        using var timer = new PeriodicTimer(_interval, _clock);
        do
            await Refresh(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task Refresh(CancellationToken stopping)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        timeout.CancelAfter(_timeout);
        try
        {
            _state = await Read(timeout.Token);
            _isFailing = false;
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            if (!_isFailing)
                LogUnknown(failure);
            _isFailing = true;
        }
    }

    private async Task<WorkflowState> Read(CancellationToken cancellation)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TitanicDb>();
        var queued = db.Runs.Where(run => run.Status == RunStatus.Queued);
        var champion = await db.AliasAssignments
            .Where(a => a.ModelName == ModelRegistry.ModelName && a.Alias == ModelAliases.Champion && a.EndedAt == null)
            .Select(a => new { a.Version, a.AssignedAt }).SingleOrDefaultAsync(cancellation);
        return new(
            _clock.GetUtcNow(), await queued.CountAsync(cancellation), await queued.MinAsync(run => (DateTimeOffset?)run.QueuedAt, cancellation),
            champion?.Version, champion?.AssignedAt,
            await db.Predictions.OrderByDescending(p => p.PredictionId).Select(p => (DateTimeOffset?)p.CreatedAt).FirstOrDefaultAsync(cancellation),
            await scope.ServiceProvider.GetRequiredService<DriftReader>().ReadEvidence(cancellation),
            await scope.ServiceProvider.GetRequiredService<AlertReader>().CountOpen(cancellation));
    }

    /// <summary>Null while unknown.</summary>
    private WorkflowState? Current => _state is { } state && _clock.GetUtcNow() - state.ReadAt < _lifetime ? state : null;

    private IEnumerable<Measurement<T>> Observe<T>(Func<WorkflowState, T?> value)
        where T : struct => Current is { } state && value(state) is { } known ? [new(known)] : [];

    private IEnumerable<Measurement<double>> ObserveDetectors(Func<DetectorEvidence, double> value) =>
        from detector in Current?.Detectors ?? []
        let measured = value(detector)
        where double.IsFinite(measured)
        select new Measurement<double>(measured, new KeyValuePair<string, object?>("detector", detector.Detector));

    private IEnumerable<Measurement<long>> ObserveAlerts() => Current is not { } state ? [] : AlertRules.Names.Select(rule =>
        new Measurement<long>(state.OpenAlerts.GetValueOrDefault(rule), new KeyValuePair<string, object?>("rule", rule)));

    private double? AgeOf(DateTimeOffset? since) => since is { } time ? Math.Max(0, (_clock.GetUtcNow() - time).TotalSeconds) : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The state of the workflow cannot be read; its metrics are absent until the database responds")]
    private partial void LogUnknown(Exception cause);

    /// <param name="Queued">Queued runs.</param>
    /// <param name="OldestQueuedAt">Null without queued runs.</param>
    /// <param name="ChampionVersion">Null without a champion.</param>
    /// <param name="ChampionSince">When the champion was promoted; null without a champion.</param>
    /// <param name="NewestPredictionAt">Null without predictions.</param>
    /// <param name="Detectors">Empty before the first look of the drift detectors.</param>
    /// <param name="OpenAlerts">Open alerts of each rule that has some.</param>
    private sealed record WorkflowState(
        DateTimeOffset ReadAt, int Queued, DateTimeOffset? OldestQueuedAt, int? ChampionVersion, DateTimeOffset? ChampionSince,
        DateTimeOffset? NewestPredictionAt, IReadOnlyList<DetectorEvidence> Detectors,
        IReadOnlyDictionary<string, int> OpenAlerts);
}
