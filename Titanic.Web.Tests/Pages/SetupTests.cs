using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Titanic.Web.Registry;
using Titanic.Web.Tests.Browser;
using Titanic.Web.Tests.Pipelines;

namespace Titanic.Web.Tests.Pages;

/// <summary>The banner of the first start. One test only, because the site does not show it again once the start is complete.</summary>
public sealed class SetupTests(SetupTests.NewSite site, TestBrowser browser) : IClassFixture<SetupTests.NewSite>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_the_progress_of_the_first_start_with_and_without_JavaScript_until_it_is_complete()
    {
        await UpdateProgress(set => set.SetProperty(p => p.FinishedAt, (DateTimeOffset?)null)
            .SetProperty(p => p.Step, "Training the first model").SetProperty(p => p.StepsDone, 1).SetProperty(p => p.StepsTotal, 5));
        var scripted = await browser.NewPage(site.BaseAddress);
        await scripted.GotoAsync("/predictions");
        Assert.Contains("1 of 5 steps done", await scripted.Locator("#setup-progress").InnerTextAsync(), StringComparison.Ordinal);
        var plain = await site.Get("/predictions");
        Assert.Contains("1 of 5 steps done", plain.Text("#setup-progress"), StringComparison.Ordinal);
        Assert.Equal("5", plain.QuerySelector("#setup-progress progress")?.GetAttribute("max"));
        Assert.Equal("2", plain.QuerySelector("noscript meta[http-equiv=refresh]")?.GetAttribute("content"));
        await TestBrowser.Screenshot(scripted, "setup");

        await ExpectHealth(HttpStatusCode.OK, "Ready. First start: Training the first model (1 of 5 steps done)");
        using (var sender = await IngestionClient.Create(site))
        using (var rejected = await sender.PostJson("/api/passengers", """[{"passengerId":1,"survived":false,"pclass":3,"name":"Load, Mr. One","sex":"male"}]"""))
        {
            Assert.Equal(
                (HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(10)), (rejected.StatusCode, rejected.Headers.RetryAfter?.Delta));
            Assert.Contains("The first start is not complete, so nothing was stored.", await rejected.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
        await SetAliasEnd(a => a.AssignedAt.AddSeconds(1));
        await ExpectHealth(HttpStatusCode.ServiceUnavailable, "First start: Training the first model (1 of 5 steps done)");
        await SetAliasEnd(a => null);

        await UpdateProgress(set => set.SetProperty(p => p.Error, "The file is not a passenger list."));
        using (var admin = await site.NewAdminClient())
            Assert.Contains("The file is not a passenger list.", (await admin.GetPage("/predictions")).Text("#setup-progress"), StringComparison.Ordinal);
        Assert.Equal(
            "The first start stopped. Operators can read the error here. Restart the application; it continues where it stopped.",
            (await site.Get("/predictions")).Text("#setup-progress"));
        await ExpectHealth(
            HttpStatusCode.ServiceUnavailable,
            "The first start stopped. Every page shows operators the error; correct the cause and restart a process with a role other than web");

        await UpdateProgress(set => set.SetProperty(p => p.Error, (string?)null).SetProperty(p => p.FinishedAt, p => p.StartedAt));
        await scripted.Locator("#setup-progress").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await scripted.CloseAsync();
        Assert.Null((await site.Get("/")).QuerySelector("#setup-progress, meta[http-equiv=refresh]"));
        await ExpectHealth(HttpStatusCode.OK, "Ready");
    }

    private async Task SetAliasEnd(System.Linq.Expressions.Expression<Func<AliasAssignment, DateTimeOffset?>> at)
    {
        await using var db = site.Database.NewContext();
        Assert.Equal(1, await db.Set<AliasAssignment>().ExecuteUpdateAsync(set => set.SetProperty(a => a.EndedAt, at), Cancellation));
    }

    private async Task ExpectHealth(HttpStatusCode status, string text)
    {
        using var health = await site.Client.GetAsync("/health/ready", Cancellation);
        Assert.Equal((status, text), (health.StatusCode, await health.Content.ReadAsStringAsync(Cancellation)));
    }

    private async Task UpdateProgress(Action<Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<Titanic.Web.Pipelines.SetupProgress>> set)
    {
        await using var db = site.Database.NewContext();
        Assert.Equal(1, await db.SetupProgress.ExecuteUpdateAsync(set, Cancellation));
    }

    /// <summary>
    /// Not a copy of a prepared site: the start of a copy runs during the test and would set the setup progress to complete.
    /// </summary>
    public sealed class NewSite(TestPostgres postgres) : TitanicSite(postgres, [("Bootstrap:SimulateDays", "0"), .. TestWorkflow.FastTrainingSettings]);
}
