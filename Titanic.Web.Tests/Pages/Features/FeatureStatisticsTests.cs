using System.Net;
using AngleSharp.Dom;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages.Features;

/// <summary>The comparison of two scopes on the features page, over HTTP and in a browser.</summary>
[Collection(SharedSites.Name)]
public sealed class FeatureStatisticsTests(FullSite full, EmptySite empty, TestBrowser browser)
{
    [Fact]
    public async Task Shows_the_known_statistics_of_the_historical_list()
    {
        var page = await full.Get("/features");

        Assert.Equal(["pclass", "sex", "age", "fare", "survived"], page.QuerySelectorAll("[data-feature]").Select(card => card.GetAttribute("data-feature")));
        Assert.Equal(("1,309", "30"), Metric(page, "age", "Rows"));
        Assert.Equal("20.1% (263)", Metric(page, "age", "Missing").Reference);
        Assert.Equal("28 years", Metric(page, "age", "Median").Reference);
        Assert.Equal("2 months to 80 years", Metric(page, "age", "Range").Reference);
        Assert.Equal("0.1% (1)", Metric(page, "fare", "Missing").Reference);
        Assert.Equal("£0 to £512.33", Metric(page, "fare", "Range").Reference);
        Assert.Equal("2.29 ± 0.84", Metric(page, "pclass", "Mean ± sd").Reference);
        Assert.Equal("0.36 ± 0.48", Metric(page, "sex", "Mean ± sd (female = 1)").Reference);
        Assert.Equal("male (64.4%) female (35.6%)", Metric(page, "sex", "Most frequent").Reference); // 843 and 466 of 1309
        Assert.Equal("0.529", Metric(page, "sex", "Correlation with survival").Reference);
        Assert.Equal(["died", "809 (61.8%)", "survived", "500 (38.2%)"], page.Rows("[data-feature=survived] [data-histogram]").SelectMany(row => row.Take(2)));
        Assert.Equal(["1st class 323 (24.7%)", "2nd class 277 (21.2%)", "3rd class 709 (54.2%)"], page.Rows("[data-feature=pclass] [data-histogram]").Select(row => $"{row[0]} {row[1]}"));
        Assert.Equal("263 (20.1%)", page.Rows("[data-feature=age] [data-histogram]").Single(row => row[0] == "missing")[1]);
    }

    [Fact]
    public async Task Shows_all_sections_as_of_a_commit()
    {
        var page = await full.Get("/features?asOf=2&reference=synthetic&current=all");

        Assert.Contains("as of commit 2, committed", page.Text("#as-of-notice"), StringComparison.Ordinal);
        Assert.Equal(("10", "1,319"), Metric(page, "age", "Rows"));
        Assert.Equal(["synthetic 10 0 10", "titanic3 1,309 0 1,309"], page.Rows("#source-counts").Select(row => string.Join(' ', row)));
        Assert.NotNull(page.QuerySelector("#source-counts a[href='/features/passengers?source=titanic3&asOf=2']"));
        Assert.Equal(["Commit 2", "Commit 1"], page.Rows("#commit-list").Select(row => row[0]));
        Assert.Equal("2", page.QuerySelector("#asOf")!.GetAttribute("value"));
        Assert.Equal(["synthetic", "all"], page.QuerySelectorAll("select option[selected]").Select(option => option.GetAttribute("value")));
    }

    [Fact]
    public async Task Names_the_scopes_without_rows()
    {
        var oneEmptyScope = await full.Get("/features?asOf=1");
        var twoEmptyScopes = await full.Get("/features?reference=upload&current=api");
        var defaults = await full.Get("/features?asOf=&reference=&current=");

        Assert.Equal(("1,309", "–"), Metric(oneEmptyScope, "age", "Rows"));
        Assert.Contains("synthetic had no rows at this point in time", oneEmptyScope.Text("main"), StringComparison.Ordinal);
        Assert.Equal(("1,309", "30"), Metric(defaults, "age", "Rows"));
        Assert.Empty(twoEmptyScopes.QuerySelectorAll("[data-feature]"));
        Assert.Contains("upload and api had no rows so far", twoEmptyScopes.Text("main"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("asOf=soon", "#asOf-error", "The point in time is \"soon\"; it must be a commit such as 17")]
    [InlineData("asOf=99999", "#asOf-error", "There is no commit 99999; commits go from 1 (")]
    [InlineData("reference=kaggle", "#reference-error", "There is no scope \"kaggle\"; there are titanic3, upload, synthetic, api, all.")]
    [InlineData("current=%3Cb%3E", "#current-error", "There is no scope \"<b>\"; there are")]
    public async Task Shows_an_error_at_the_invalid_field(string query, string field, string message)
    {
        var page = await full.Get($"/features?{query}", HttpStatusCode.BadRequest);

        Assert.StartsWith(message, page.Text(field), StringComparison.Ordinal);
        Assert.Empty(page.QuerySelectorAll("[data-feature]"));
    }

    [Fact]
    public async Task Shows_the_empty_state_and_rejects_a_commit_of_an_empty_store()
    {
        var page = await empty.Get("/features");
        var invalid = await empty.Get("/features?asOf=1", HttpStatusCode.BadRequest);

        Assert.Null(page.QuerySelector("#asOf"));
        Assert.Empty(page.QuerySelectorAll("[data-feature]"));
        Assert.Equal(
            ["/features/upload", "/features/passengers", "/features/validations", "/features/datasets"],
            page.QuerySelectorAll("nav[aria-label='Feature store'] a").Select(link => link.GetAttribute("href")));
        Assert.Equal("There is no commit 1; the store is empty.", invalid.Text("#asOf-error"));
    }

    [Fact]
    public async Task Draws_a_chart_for_each_feature_from_its_table()
    {
        var page = await browser.NewPage(full.BaseAddress);
        await page.GotoAsync("/features");
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.feature-chart[data-drawn=true]').length === 5");

        foreach (var feature in (string[])["pclass", "sex", "age", "fare", "survived"])
        {
            var painted = await page.EvaluateAsync<int>(
                """
                (name) => {
                  const canvas = document.querySelector(`[data-feature=${name}] canvas`);
                  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                  return pixels.filter((value, i) => i % 4 === 3 && value > 0).length;
                }
                """, feature);
            Assert.True(painted > 1000, $"{painted} pixels of the chart of {feature} are painted; more than 1,000 are expected.");
        }
        var shares = await page.EvaluateAsync<double[][]>("() => Chart.getChart(document.querySelector('[data-feature=survived] canvas')).data.datasets.map((bars) => bars.data)");
        var names = await page.EvaluateAsync<string[]>("() => Chart.getChart(document.querySelector('[data-feature=age] canvas')).data.datasets.map((bars) => bars.label)");
        Assert.Equal(["titanic3 (n = 1,309)", "synthetic (n = 30)"], names);
        Assert.Equal(100 * 809 / 1309.0, shares[0][0], 9);
        Assert.Equal(100, shares[1].Sum(), 9);
        await page.CloseAsync();
    }

    [Fact]
    public async Task Shows_the_histograms_as_tables_without_JavaScript()
    {
        var page = await full.Client.GetPage("/features");
        Assert.True(page.QuerySelector("[data-feature=age] figure")!.HasAttribute("hidden"));
        Assert.NotEmpty(page.Rows("[data-feature=age] details [data-histogram]"));

        var shown = await (await full.Client.SubmitForm(page, "form:has(#asOf)", ("asOf", "1"))).ReadPage();

        Assert.EndsWith("/features?asOf=1&reference=titanic3&current=synthetic", shown.Url, StringComparison.Ordinal);
        Assert.Contains("as of commit 1,", shown.Text("#as-of-notice"), StringComparison.Ordinal);
    }

    private static (string Reference, string Current) Metric(IParentNode page, string feature, string name)
    {
        var row = page.Rows($"[data-feature={feature}] [data-statistics]").Single(row => row[0] == name);
        return (row[1], row[2]);
    }
}
