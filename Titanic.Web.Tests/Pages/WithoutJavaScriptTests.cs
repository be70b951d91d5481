using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages;

[Collection<FullSiteCollection>]
public sealed class WithoutJavaScriptTests(FullSite full, TestBrowser browser)
{
    [Fact]
    public async Task The_form_its_correction_and_the_prediction_details_work()
    {
        using var visitor = full.NewClient();
        var invalid = await (await visitor.SubmitForm(await visitor.GetPage("/"), "#prediction-form", ("pclass", "1"), ("sex", "female"), ("age", "twenty"))).ReadPage(System.Net.HttpStatusCode.BadRequest);
        Assert.Equal("twenty", invalid.QuerySelector("#age[autofocus]")?.GetAttribute("value"));

        var result = await (await visitor.SubmitForm(invalid, "#prediction-form", ("age", "20"))).ReadPage();
        var heading = result.QuerySelector("#prediction h2[autofocus]")!;
        Assert.Equal("Prediction: survived", heading.TextContent);
        Assert.Matches(
            "^[0-9]+ of [0-9]+ nearest neighbors survived. Probability of survival: ", result.Text($"#{heading.GetAttribute("aria-describedby")}"));
        Assert.Matches(@"^Prediction: survived \([0-9.]+%\) · Titanic$", result.Title!);
        Assert.All(result.QuerySelectorAll("button[data-copy]"), button => Assert.True(button.HasAttribute("hidden")));

        var details = await visitor.GetPage(result.QuerySelector("#prediction a[href^='/predictions/']")!.GetAttribute("href")!);
        Assert.StartsWith("Prediction ", details.Text("h1"), StringComparison.Ordinal);
    }

    /// <summary>The table is expanded without scripts, CSS switches it, and the form submits the selection.</summary>
    [Fact]
    public async Task The_what_if_tables_of_age_and_fare_work()
    {
        var page = await browser.NewPage(full.BaseAddress, javaScript: false);
        await page.GotoAsync("/?pclass=1&sex=female&age=29&fare=100");
        await Assertions.Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "Child" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "over £300" })).ToBeHiddenAsync();

        await page.GetByLabel("Vary fare").CheckAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "over £300" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "Child" })).ToBeHiddenAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Predict" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("&vary=fare$"));
        await Assertions.Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "over £300" })).ToBeVisibleAsync();
        await page.CloseAsync();
    }
}
