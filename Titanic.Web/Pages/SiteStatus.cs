using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Alerts;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>
/// The state that every page shows in its layout: the champion, the open alerts and, until it is complete, the progress of the first start.
/// </summary>
public sealed class SiteStatus(IServiceScopeFactory scopes, ChampionCache champion, TimeProvider clock)
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

    /// <summary>The number of open alerts; null while the database is away.</summary>
    public async Task<int?> CountOpenAlerts(CancellationToken cancellation)
    {
        if (Interlocked.Read(ref _alertsFailedAt) is not 0 and var failedAt && clock.GetElapsedTime(failedAt) < _alertsRetryDelay)
            return null;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(_alertsTimeout);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<TitanicDb>().Alerts.CountAsync(alert => alert.State == AlertState.Open, timeout.Token);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested && failure is NpgsqlException or InvalidOperationException or OperationCanceledException)
        {
            Interlocked.Exchange(ref _alertsFailedAt, clock.GetTimestamp());
            return null;
        }
    }
}

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
