using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>What the frame of every page shows: the version in service and, until it is complete, the first start.</summary>
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
