using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages.Monitoring;

/// <summary>The script <c>auto-refresh.js</c> on the monitoring page; the clock of the browser stands still between the steps.</summary>
[Collection<ModelSiteCollection>]
public sealed class AutoRefreshInBrowserTests(ModelSite site, TestBrowser browser)
{
    private const string Prediction = """{"pclass": 1, "sex": "female"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_numbers_replace_the_old_ones_and_everything_else_stays()
    {
        await Predict();
        var page = await Open();
        await page.Locator("#performance-filter summary").ClickAsync();
        await page.Locator("#from").FillAsync("2026-11-01");
        await page.Locator("#version").FillAsync("12");
        await page.EvaluateAsync(
            """
            () => {
              window.scrollTo(0, 300);
              window.kept = [document.getElementById("predictions-by-source"), document.getElementById("version")];
              getSelection().selectAllChildren(document.querySelector("h1"));
              document.getElementById("version").focus();
            }
            """);
        var before = await Number(page);

        await Predict();
        await page.Clock.RunForAsync(31_000);

        await Assertions.Expect(page.Locator("tr[data-source=api] td").First).ToHaveTextAsync(Format.Count(before + 1));
        await Assertions.Expect(page.Locator("#refresh-status")).ToContainTextAsync("Updated");
        Assert.Equal("12", await page.Locator("#version").InputValueAsync());
        Assert.Equal("2026-11-01", await page.Locator("#from").InputValueAsync());
        Assert.True(await page.EvaluateAsync<bool>(
            """
            () => window.kept[0] === document.getElementById("predictions-by-source") && document.activeElement === window.kept[1]
              && document.getElementById("performance-filter").open && window.scrollY === 300
            """));
        await page.CloseAsync();
    }

    [Fact]
    public async Task Unchanged_content_is_not_sent_again()
    {
        var page = await Open();
        await Refresh(page);

        var response = await Refresh(page);

        Assert.Equal(304, response.Status);
        await Assertions.Expect(page.Locator("#refresh-status")).ToContainTextAsync("Updated");
        await page.CloseAsync();
    }

    [Fact]
    public async Task The_numbers_stay_after_a_failure_until_the_next_update()
    {
        await Predict();
        var page = await Open();
        var number = await Number(page);
        await page.RouteAsync("**/monitoring", route => route.AbortAsync());

        await page.Clock.RunForAsync(31_000);

        await Assertions.Expect(page.Locator("#refresh-status")).ToContainTextAsync("Update failed at");
        Assert.Equal(number, await Number(page));

        await page.UnrouteAsync("**/monitoring");
        await Refresh(page);
        await Assertions.Expect(page.Locator("#refresh-status")).ToContainTextAsync("Updated");
        await page.CloseAsync();
    }

    [Fact]
    public async Task No_request_is_sent_while_updates_are_paused()
    {
        var page = await Open();
        var requests = 0;
        page.Request += (_, request) => requests += request.Url.EndsWith("/monitoring", StringComparison.Ordinal) ? 1 : 0;

        await page.GetByRole(AriaRole.Button, new() { Name = "Pause updates" }).ClickAsync();
        await page.Clock.RunForAsync(300_000);
        Assert.Equal(0, requests);

        await page.RunAndWaitForResponseAsync(async () =>
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Resume updates" }).ClickAsync();
            await page.Clock.RunForAsync(1_000);
        }, "**/monitoring");
        Assert.Equal(1, requests);
        await page.CloseAsync();
    }

    [Fact]
    public async Task An_earlier_point_in_time_is_not_refreshed()
    {
        var page = await site.Get("/monitoring?asOf=1");

        Assert.Null(page.QuerySelector("[data-refresh-seconds], script[src*=auto-refresh]"));
    }

    private async Task<IPage> Open()
    {
        var page = await browser.NewPage(site.BaseAddress);
        await page.Clock.InstallAsync();
        await page.GotoAsync("/monitoring");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Pause updates" })).ToBeVisibleAsync();
        return page;
    }

    private static Task<IResponse> Refresh(IPage page) => page.RunAndWaitForResponseAsync(() => page.Clock.RunForAsync(31_000), "**/monitoring");

    private static async Task<long> Number(IPage page) =>
        long.Parse(await page.Locator("tr[data-source=api] td").First.InnerTextAsync(), System.Globalization.NumberStyles.AllowThousands, System.Globalization.CultureInfo.InvariantCulture);

    private async Task Predict()
    {
        using var response = await site.Client.PostAsync("/api/predictions", new StringContent(Prediction, System.Text.Encoding.UTF8, "application/json"), Cancellation);
        response.EnsureSuccessStatusCode();
    }
}
