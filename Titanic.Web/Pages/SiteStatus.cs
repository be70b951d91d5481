using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>What the layout of every page shows: the version in service and, until it is complete, the first start.</summary>
public sealed class SiteStatus(IServiceScopeFactory scopes, ChampionInMemory champion)
{
    private volatile bool _isSetUp;

    /// <summary>The version that this process answers with.</summary>
    public int? ChampionVersion => champion.Current?.Version;

    /// <summary>Null while the champion is sound.</summary>
    public ChampionAlarm? Alarm => champion.Alarm;

    /// <summary>Null once the first start is complete. It never becomes incomplete again, so the database is not asked any more.</summary>
    public async Task<SetupProgress?> UnfinishedSetup(CancellationToken cancellation)
    {
        if (_isSetUp) return null;
        await using var scope = scopes.CreateAsyncScope();
        var setup = await scope.ServiceProvider.GetRequiredService<TitanicDb>().SetupProgress.AsNoTracking().SingleOrDefaultAsync(cancellation);
        _isSetUp = setup is { FinishedAt: not null };
        return _isSetUp ? null : setup ?? new SetupProgress { Step = "Waiting for the first start to begin" };
    }
}

/// <summary>The keys of <c>ViewData</c> by which a page tells the layout about itself.</summary>
public static class Frame
{
    /// <summary>The page's name, for the browser's tab.</summary>
    public const string Title = "Title";

    /// <summary>True where reloading the page by itself would take away what somebody types, or repeat a prediction.</summary>
    public const string DisableAutoRefresh = "DisableAutoRefresh";

    /// <summary>True where the layout must not read the database, because it may be what is missing.</summary>
    public const string WithoutDatabase = "WithoutDatabase";
}
