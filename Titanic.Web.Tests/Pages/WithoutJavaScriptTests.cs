using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages;

[Collection<OneFullSite>]
public sealed class WithoutJavaScriptTests(FullSite full, TestBrowser browser)
{
    [Fact]
    public async Task A_visitor_asks_corrects_and_finds_the_receipt()
    {
        var page = await browser.NewPage(full.BaseAddress, javaScript: false);
        await page.GotoAsync("/");
        await page.GetByLabel("1st class").CheckAsync();
        await page.GetByLabel("Female").CheckAsync();
        await page.GetByLabel("Age in years").FillAsync("twenty");
        await page.GetByRole(AriaRole.Button, new() { Name = "Predict" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Age in years")).ToBeFocusedAsync();
        await Assertions.Expect(page.GetByLabel("Age in years")).ToHaveValueAsync("twenty");

        await page.GetByLabel("Age in years").FillAsync("20");
        await page.GetByRole(AriaRole.Button, new() { Name = "Predict" }).ClickAsync();
        var heading = page.GetByRole(AriaRole.Heading, new() { Name = "Would have survived" });
        await Assertions.Expect(heading).ToBeFocusedAsync();
        await Assertions.Expect(heading).ToHaveAccessibleDescriptionAsync(new Regex("^[0-9]+ of the [0-9]+ most similar passengers survived; that makes a chance of "));
        await Assertions.Expect(page).ToHaveTitleAsync(new Regex(@"^Would have survived \([0-9.]+.%\) · Titanic$"));
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Copy" })).ToHaveCountAsync(0);

        await page.Locator("#answer").GetByRole(AriaRole.Link, new() { Name = "prediction" }).ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("Prediction ");
        await page.CloseAsync();
    }

    /// <summary>The table is open where no script can draw, and the choice of what changes needs none; it goes along with the next question.</summary>
    [Fact]
    public async Task A_visitor_reads_what_if_over_the_age_and_over_the_ticket_price()
    {
        var page = await browser.NewPage(full.BaseAddress, javaScript: false);
        await page.GotoAsync("/?pclass=1&sex=female&age=29&fare=100");
        await Assertions.Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "Child" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "over £300" })).ToBeHiddenAsync();

        await page.GetByLabel("Another ticket price").CheckAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "over £300" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "Child" })).ToBeHiddenAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Predict" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("&vary=fare$"));
        await Assertions.Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "over £300" })).ToBeVisibleAsync();
        await page.CloseAsync();
    }

    [Fact]
    public async Task The_colours_follow_the_system()
    {
        var dark = await browser.NewPage(full.BaseAddress, colorScheme: ColorScheme.Dark, javaScript: false);
        var light = await browser.NewPage(full.BaseAddress, javaScript: false);
        await dark.GotoAsync("/");
        await light.GotoAsync("/");

        await Assertions.Expect(dark.Locator("body")).ToHaveCSSAsync("background-color", "rgb(12, 24, 38)");
        await Assertions.Expect(light.Locator("body")).ToHaveCSSAsync("background-color", "rgb(244, 247, 250)");
        await dark.CloseAsync();
        await light.CloseAsync();
    }
}
