using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Alerts;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>
/// The state that every page shows in its layout: the champion, the alerts, what is wrong and, until it is complete, the progress of the
/// first start.
/// </summary>
public sealed class SiteStatus(IServiceScopeFactory scopes, ChampionCache champion, DatabaseReadiness database, TimeProvider clock)
{
    private static readonly TimeSpan _alertsTimeout = TimeSpan.FromSeconds(5);

    /// <summary>For this time after a failure the alerts are not read, so that pages do not wait for a database that is away.</summary>
    private static readonly TimeSpan _alertsRetryDelay = TimeSpan.FromSeconds(10);

    private volatile bool _isSetupComplete;
    private long _alertsFailedAt;

    /// <summary>The version that this process serves; null if there is none.</summary>
    public int? ChampionVersion => champion.Current?.Version;

    /// <summary>Null while the champion is valid.</summary>
    public ChampionAlarm? Alarm => champion.Alarm;

    /// <summary>Null once the first start is complete. A complete start stays complete, so later calls do not query the database.</summary>
    public async Task<SetupProgress?> FindUnfinishedSetup(CancellationToken cancellation)
    {
        if (_isSetupComplete) return null;
        await using var scope = scopes.CreateAsyncScope();
        var setup = await scope.ServiceProvider.GetRequiredService<TitanicDb>().SetupProgress.AsNoTracking().SingleOrDefaultAsync(cancellation);
        _isSetupComplete = setup is { FinishedAt: not null };
        return _isSetupComplete ? null : setup ?? new SetupProgress { Step = "Waiting for the first start to begin" };
    }

    /// <summary>The numbers of unresolved alerts; null while the database is away.</summary>
    public async Task<AlertCounts?> CountAlerts(CancellationToken cancellation)
    {
        if (Interlocked.Read(ref _alertsFailedAt) is not 0 and var failedAt && clock.GetElapsedTime(failedAt) < _alertsRetryDelay)
            return null;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(_alertsTimeout);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var counts = await scope.ServiceProvider.GetRequiredService<TitanicDb>().Alerts.Where(alert => alert.State != AlertState.Resolved)
                .GroupBy(alert => new { alert.Rule, alert.State }).Select(alerts => new { alerts.Key.Rule, alerts.Key.State, Count = alerts.Count() })
                .ToListAsync(timeout.Token);
            return new(
                counts.Where(count => count.State == AlertState.Open).Sum(count => count.Count),
                counts.GroupBy(count => count.Rule).ToDictionary(rule => rule.Key, rule => rule.Sum(count => count.Count)));
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested && failure is NpgsqlException or InvalidOperationException or OperationCanceledException)
        {
            Interlocked.Exchange(ref _alertsFailedAt, clock.GetTimestamp());
            return null;
        }
    }

    /// <summary>What is wrong, for the badges of the header: the database, the champion, and runs that failed or are overdue. Uses no query.</summary>
    /// <param name="alerts">The result of <see cref="CountAlerts"/>.</param>
    /// <param name="isRead">Whether the alerts were read; otherwise only what is known in memory counts.</param>
    public IEnumerable<SiteProblem> FindProblems(AlertCounts? alerts, bool isRead)
    {
        if (database.Outage is not null || isRead && alerts is null)
            yield return new("database", "~/health/ready", "The database does not respond.");
        if (champion.Alarm is not null || alerts?.Of(AlertRules.DamagedModel) > 0)
            yield return new("champion", "~/models", "The stored champion is damaged.");
        else if (champion.Current is null && isRead)
            yield return new("champion", "~/models", "There is no champion: no predictions are made.");
        if (alerts?.Of(AlertRules.FailedRun) is > 0 and var failed)
            yield return new($"{Format.Count(failed)} failed", LinkTo(AlertRules.FailedRun), $"{Quantity.Of(failed, "date")} with a failed run.");
        var (missed, overdue) = (alerts?.Of(AlertRules.MissedRun) ?? 0, alerts?.Of(AlertRules.Overdue) ?? 0);
        if (missed + overdue > 0)
        {
            yield return new(
                $"{Format.Count(missed + overdue)} overdue", LinkTo(missed == 0 ? AlertRules.Overdue : overdue == 0 ? AlertRules.MissedRun : null),
                $"{Quantity.Of(missed + overdue, "pipeline")} not started or not succeeded in time.");
        }

        static string LinkTo(string? rule) => "~/alerts" + (rule is null ? "" : $"?rule={rule}");
    }
}

/// <summary>The numbers of unresolved alerts.</summary>
/// <param name="Open">Alerts that are not acknowledged.</param>
/// <param name="Unresolved">Open and acknowledged alerts of each rule that has some.</param>
public sealed record AlertCounts(int Open, IReadOnlyDictionary<string, int> Unresolved)
{
    public int Of(string rule) => Unresolved.GetValueOrDefault(rule);
}

/// <summary>A badge of the header.</summary>
/// <param name="Text">One word, with the number of cases if there can be several.</param>
/// <param name="Link">The page with the details.</param>
/// <param name="Title">The problem as a sentence.</param>
public sealed record SiteProblem(string Text, string Link, string Title);

/// <summary>The keys of <c>ViewData</c> that a page sets for the layout.</summary>
public static class LayoutKeys
{
    /// <summary>The title of the browser tab.</summary>
    public const string Title = "Title";

    /// <summary>True where an automatic reload would discard typed input or repeat a prediction.</summary>
    public const string DisableAutoRefresh = "DisableAutoRefresh";

    /// <summary>True where the layout must not query the database, because the database may be unavailable.</summary>
    public const string SkipDatabase = "WithoutDatabase";
}
