using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages;

/// <summary>
/// Renders every page in a browser, wide and narrow, light and dark: with data, empty, with errors, and for the administrator.
/// </summary>
[Collection(SharedSites.Name)]
public sealed class PageRenderingTests(FullSite full, EmptySite empty, TestBrowser browser, PageChecks checks) : IClassFixture<PageChecks>
{
    [Theory]
    [InlineData("/", "predict")]
    [InlineData("/?pclass=1&sex=female&age=29&fare=100", "predict-survived")]
    [InlineData("/?pclass=3&sex=male&age=22&fare=7.25", "predict-died")]
    [InlineData("/?pclass=4&sex=&age=abc&fare=1e3", "predict-invalid", 400)]
    [InlineData("/predictions", "predictions")]
    [InlineData("/predictions/1", "receipt")]
    [InlineData("/login", "login")]
    [InlineData("/no/such/page", "not-found", 404)]
    [InlineData("/monitoring", "monitoring")]
    [InlineData("/monitoring?days=7&segment=female&asOf=4", "monitoring-as-of")]
    [InlineData("/monitoring?days=soon&asOf=soon&source=moon", "monitoring-invalid", 400)]
    [InlineData("/models", "models")]
    [InlineData("/models/4", "model-version")]
    [InlineData("/models/2", "model-version-gate")]
    [InlineData("/models/compare?a=1&b=champion", "compare")]
    [InlineData("/models/compare?a=1&b=99", "compare-invalid", 404)]
    [InlineData("/features", "features")]
    [InlineData("/features?asOf=1&current=all", "features-as-of")]
    [InlineData("/features?asOf=soon&reference=kaggle", "features-invalid", 400)]
    [InlineData("/features/datasets", "datasets")]
    [InlineData("/features/datasets/1", "dataset")]
    [InlineData("/features/commits/1", "commit")]
    [InlineData("/features/passengers", "passengers")]
    [InlineData("/features/passengers?asOf=soon&source=moon", "passengers-invalid", 400)]
    [InlineData("/features/passengers/titanic3/1", "passenger")]
    [InlineData("/features/validations", "validations")]
    [InlineData("/features/validations/1", "validation")]
    [InlineData("/pipelines", "pipelines")]
    [InlineData("/runs", "runs")]
    [InlineData("/runs?status=broken&before=x", "runs-invalid", 400)]
    [InlineData("/runs/4", "run")]
    [InlineData("/alerts", "alerts-none")]
    public Task Is_accessible_fits_the_window_and_loads_without_errors(string path, string name, int status = 200) => checks.Check(full, path, name, status);

    [Theory]
    [InlineData("/", "predict-empty")]
    [InlineData("/predictions", "predictions-empty")]
    [InlineData("/monitoring", "monitoring-empty")]
    [InlineData("/models", "models-empty")]
    [InlineData("/features", "features-empty")]
    [InlineData("/features/passengers", "passengers-empty")]
    [InlineData("/features/validations", "validations-empty")]
    [InlineData("/features/datasets", "datasets-empty")]
    [InlineData("/pipelines", "pipelines-empty")]
    [InlineData("/runs", "runs-empty")]
    public Task Is_accessible_and_fits_the_window_without_data(string path, string name) => checks.Check(empty, path, name);

    [Theory]
    [InlineData("/models", "models-admin")]
    [InlineData("/models?search=trained&verdict=promote", "models-filter")]
    [InlineData("/models/1", "model-admin")]
    [InlineData("/models/1/promote", "model-promote")]
    [InlineData("/models/1/edit", "model-edit")]
    [InlineData("/models/aliases", "model-aliases")]
    [InlineData("/pipelines", "pipelines-admin")]
    [InlineData("/pipelines/schedules/training", "schedule-training-admin")]
    [InlineData("/account", "account")]
    [InlineData("/access/users", "users")]
    [InlineData("/access/users/captain@titanic.local", "user")]
    [InlineData("/access/keys", "keys")]
    [InlineData("/access/audit?text=captain", "audit")]
    public Task Is_accessible_and_fits_the_window_for_the_administrator(string path, string name) => checks.Check(full, path, name, isAdmin: true);

    [Fact]
    public async Task The_feedback_list_is_accessible_and_fits_the_window()
    {
        using var visitor = full.NewClient();
        var details = await visitor.GetPage((await visitor.GetPage("/?pclass=3&sex=male&age=22&fare=7.25")).QuerySelector("#prediction a[href^='/predictions/']")!.GetAttribute("href")!);
        await visitor.SubmitForm(
            details, "#feedback form", ("kind", "wrong"), ("note", "A long comment,\nwith a second line and " + new string('w', 60)));

        await checks.Check(full, "/predictions/feedback", "feedback", isAdmin: true);
    }

    /// <summary>With CSS only, without scripts.</summary>
    [Fact]
    public async Task Colors_follow_the_system_theme()
    {
        foreach (var (view, color) in PageView.All.Zip(["rgb(244, 247, 250)", "rgb(12, 24, 38)"]))
        {
            var page = await browser.NewPage(full.BaseAddress, view.WidthInPixels, colorScheme: view.Colors, javaScript: false);
            await page.GotoAsync("/");
            Assert.Equal(color, await page.Locator("body").EvaluateAsync<string>("body => getComputedStyle(body).backgroundColor"));
            await page.CloseAsync();
        }
    }

    [Theory]
    [InlineData("/models/999")]
    [InlineData("/features/commits/999")]
    [InlineData("/features/passengers/titanic3/9999")]
    [InlineData("/features/validations/999")]
    [InlineData("/features/validations/999/rejected")]
    [InlineData("/features/datasets/999")]
    [InlineData("/runs/999999")]
    [InlineData("/alerts/999")]
    public async Task Returns_404_with_a_page_for_unknown_ids(string path)
    {
        var page = await full.Get(path, System.Net.HttpStatusCode.NotFound);

        Assert.NotNull(page.QuerySelector("main h1"));
    }
}
