using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Access;
using Titanic.Web.Monitoring;
using Titanic.Web.Pages.Shared;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Feedback;

namespace Titanic.Web.Pages.Monitoring;

/// <summary>The original's dashboard, asked of the database each time (S9): today's passenger, recent history, performance, who asks.</summary>
public sealed class MonitoringIndexModel(
    PerformanceReader performance, StreamHistory stream, AnswersBySource answers, FeedbackReader feedback, SiteStatus status, Reproductions reproductions,
    IAuthorizationService authorization, TimeProvider clock) : PageModel
{
    private const int RecentRows = 5;

    public WatchedPassenger? Newest { get; private set; }
    public IReadOnlyList<WatchedPassenger> Recent { get; private set; } = [];
    public PerformanceTotals Live { get; private set; } = PerformanceTotals.None;
    public PerformanceTotals InSample { get; private set; } = PerformanceTotals.None;
    public IReadOnlyList<PerformancePoint> Days { get; private set; } = [];
    public AnswerSummary Asked { get; private set; } = null!;
    public IReadOnlyList<Prediction> NewestAnswers { get; private set; } = [];

    /// <summary>For operators only: a number leads to its rows, and these hold strangers' notes.</summary>
    public IReadOnlyList<FeedbackCount>? Feedback { get; private set; }

    /// <summary>Whether the version in service was made again lately; null while there is none.</summary>
    public ReproductionBadge? Champion { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Newest = await stream.Newest(cancellationToken);
        Recent = await stream.NewestPredicted(RecentRows, cancellationToken);
        Live = await performance.Totals(isLive: true, cancellationToken);
        InSample = await performance.Totals(isLive: false, cancellationToken);
        Days = await performance.LiveByDay(Live, cancellationToken);
        Asked = await answers.Read(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), cancellationToken);
        NewestAnswers = await answers.Newest(RecentRows, cancellationToken);
        if ((await authorization.AuthorizeAsync(User, AccessPolicies.Operator)).Succeeded)
            Feedback = await feedback.Counts(cancellationToken);
        if (status.ChampionVersion is { } champion)
            Champion = new ReproductionBadge(champion, (await reproductions.NewestOf([champion], cancellationToken)).GetValueOrDefault(champion), clock.GetUtcNow());
    }
}
