using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Monitoring;
using Titanic.Web.Pages.Shared;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Feedback;

namespace Titanic.Web.Pages.Monitoring;

/// <summary>
/// The dashboard: latest passenger, recent predictions, performance and prediction traffic, read from the database on each request (S9).
/// </summary>
public sealed class MonitoringIndexModel(
    PerformanceReader performance, StreamHistory stream, AnswersBySource answers, SiteStatus status, Reproductions reproductions) : OperatorPageModel
{
    private const int RecentRows = 5;

    public WatchedPassenger? Newest { get; private set; }
    public IReadOnlyList<WatchedPassenger> Recent { get; private set; } = [];
    public PerformanceTotals Live { get; private set; } = PerformanceTotals.None;
    public PerformanceTotals InSample { get; private set; } = PerformanceTotals.None;
    public IReadOnlyList<PerformancePoint> Days { get; private set; } = [];
    public AnswerSummary Asked { get; private set; } = null!;
    public IReadOnlyList<Prediction> NewestAnswers { get; private set; } = [];

    /// <summary>Null unless the user is an operator, because the counts link to comments of other users.</summary>
    public IReadOnlyList<FeedbackCount>? Feedback { get; private set; }

    /// <summary>The latest reproduction of the champion; null without a champion.</summary>
    public ReproductionBadge? Champion { get; private set; }

    public async Task OnGetAsync([FromServices] FeedbackReader feedback, CancellationToken cancellationToken)
    {
        Newest = await stream.Newest(cancellationToken);
        Recent = await stream.NewestPredicted(RecentRows, cancellationToken);
        Live = await performance.Totals(isLive: true, cancellationToken);
        InSample = await performance.Totals(isLive: false, cancellationToken);
        Days = await performance.LiveByDay(Live, cancellationToken);
        Asked = await answers.Read(DateOnly.FromDateTime(Now.UtcDateTime), cancellationToken);
        NewestAnswers = await answers.Newest(RecentRows, cancellationToken);
        if (MayOperate)
            Feedback = await feedback.Counts(cancellationToken);
        if (status.ChampionVersion is { } champion)
            Champion = new ReproductionBadge(champion, (await reproductions.NewestOf([champion], cancellationToken)).GetValueOrDefault(champion), Now);
    }
}

/// <summary>The metrics of all live or all in-sample predictions, for the partial <c>_Performance</c>.</summary>
public sealed record ShownPerformance(string Caption, PerformanceTotals Totals, bool IsLive);
