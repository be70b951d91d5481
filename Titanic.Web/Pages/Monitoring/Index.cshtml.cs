using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Monitoring;
using Titanic.Web.Pages.Shared;
using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Monitoring;

/// <summary>The original's dashboard, asked of the database each time (S9): today's passenger, recent history, performance.</summary>
public sealed class MonitoringIndexModel(
    PerformanceReader performance, StreamHistory stream, AskedAnswers asked, SiteStatus status, Reproductions reproductions, TimeProvider clock) : PageModel
{
    private const int RecentRows = 5;

    public WatchedPassenger? Newest { get; private set; }
    public IReadOnlyList<WatchedPassenger> Recent { get; private set; } = [];
    public PerformanceTotals Live { get; private set; } = PerformanceTotals.None;
    public PerformanceTotals InSample { get; private set; } = PerformanceTotals.None;
    public IReadOnlyList<PerformancePoint> Days { get; private set; } = [];
    public AnswerCounts? Asked { get; private set; }

    /// <summary>Whether the version in service was made again lately; null while there is none.</summary>
    public ReproductionBadge? Champion { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Newest = await stream.Newest(cancellationToken);
        Recent = await stream.NewestPredicted(RecentRows, cancellationToken);
        Live = await performance.Totals(isLive: true, cancellationToken);
        InSample = await performance.Totals(isLive: false, cancellationToken);
        Days = await performance.LiveByDay(Live, cancellationToken);
        Asked = await asked.Count(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), cancellationToken);
        if (status.ChampionVersion is { } champion)
            Champion = new ReproductionBadge(champion, (await reproductions.NewestOf([champion], cancellationToken)).GetValueOrDefault(champion), clock.GetUtcNow());
    }
}
