using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Titanic.Web.Database;
using Titanic.Web.Pages;
using Titanic.Web.Serving;

namespace Titanic.Web.Tests.Pages;

public sealed class SiteStatusTests
{
    /// <summary>No server listens on the port.</summary>
    [Fact]
    public async Task The_alerts_are_unknown_while_the_database_is_away()
    {
        await using var services = new ServiceCollection()
            .AddDbContext<TitanicDb>(options => options.UseNpgsql("Host=127.0.0.1;Port=9;Username=titanic;Database=titanic").UseSnakeCaseNamingConvention())
            .BuildServiceProvider();
        var scopes = services.GetRequiredService<IServiceScopeFactory>();
        var status = new SiteStatus(scopes, new ChampionCache(scopes, NullLogger<ChampionCache>.Instance), new DatabaseReadiness(), TestClock.CreateAt(TestWorkflow.FirstDay));

        Assert.Null(await status.CountAlerts(TestContext.Current.CancellationToken));
        Assert.Null(await status.CountAlerts(TestContext.Current.CancellationToken));
        Assert.Equal(["database", "champion"], status.FindProblems(null, isRead: true).Select(problem => problem.Text));
        Assert.Empty(status.FindProblems(null, isRead: false));
    }
}
