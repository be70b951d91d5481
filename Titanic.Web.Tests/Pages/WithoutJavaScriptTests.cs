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
        await page.GetByLabel("Class").SelectOptionAsync("1");
        await page.GetByLabel("Female").CheckAsync();
        await page.GetByLabel("Age in years").FillAsync("twenty");
        await page.GetByRole(AriaRole.Button, new() { Name = "Predict" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Age in years")).ToBeFocusedAsync();

        await page.GetByLabel("Age in years").FillAsync("20");
        await page.GetByRole(AriaRole.Button, new() { Name = "Predict" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Would have survived");

        await page.GetByRole(AriaRole.Status).GetByRole(AriaRole.Link, new() { Name = "prediction" }).ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("Prediction ");
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
