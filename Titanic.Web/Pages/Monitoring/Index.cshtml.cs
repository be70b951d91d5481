using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Monitoring;
using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Pages.Shared;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Feedback;

namespace Titanic.Web.Pages.Monitoring;

/// <summary>
/// The dashboard: latest passenger, recent predictions, performance, drift and prediction traffic, read from the database on each request.
/// </summary>
public sealed class MonitoringIndexModel(
    PerformanceReader performance, StreamHistory stream, PredictionVolume volume, SiteStatus status, Reproductions reproductions) : OperatorPageModel
{
    private const int RecentRows = 5;

    public StreamPassenger? NewestPassenger { get; private set; }
    public IReadOnlyList<StreamPassenger> RecentPredictions { get; private set; } = [];
    public PerformanceTotals Live { get; private set; } = PerformanceTotals.None;
    public PerformanceTotals InSample { get; private set; } = PerformanceTotals.None;
    public IReadOnlyList<PerformancePoint> AccuracyByDay { get; private set; } = [];

    /// <summary>Null until the monitoring pipeline has run with a champion.</summary>
    public DriftState? Drift { get; private set; }
    public PredictionVolumeSummary Volume { get; private set; } = null!;
    public IReadOnlyList<Prediction> LatestPredictions { get; private set; } = [];

    /// <summary>Null unless the user is an operator, because the counts link to comments of other users.</summary>
    public IReadOnlyList<FeedbackCount>? FeedbackCounts { get; private set; }

    /// <summary>The latest reproduction of the champion; null without a champion.</summary>
    public ReproductionBadge? ChampionBadge { get; private set; }

    public async Task OnGetAsync([FromServices] FeedbackReader feedback, [FromServices] DriftReader drift, CancellationToken cancellationToken)
    {
        NewestPassenger = await stream.Newest(cancellationToken);
        RecentPredictions = await stream.NewestPredicted(RecentRows, cancellationToken);
        Live = await performance.Totals(isLive: true, cancellationToken);
        InSample = await performance.Totals(isLive: false, cancellationToken);
        AccuracyByDay = await performance.LiveByDay(Live, cancellationToken);
        Drift = await drift.Read(asOf: null, cancellationToken);
        Volume = await volume.Read(DateOnly.FromDateTime(Now.UtcDateTime), cancellationToken);
        LatestPredictions = await volume.ReadNewest(RecentRows, cancellationToken);
        if (MayOperate)
            FeedbackCounts = await feedback.Counts(cancellationToken);
        if (status.ChampionVersion is { } champion)
            ChampionBadge = new ReproductionBadge(champion, (await reproductions.FindNewest([champion], cancellationToken)).GetValueOrDefault(champion));
    }
}

/// <summary>The metrics of all live or all in-sample predictions, for the partial <c>_Performance</c>.</summary>
public sealed record DisplayedPerformance(string Caption, PerformanceTotals Totals, bool IsLive);
