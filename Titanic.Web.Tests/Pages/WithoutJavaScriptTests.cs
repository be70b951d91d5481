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
        using var visitor = full.NewClient();
        var wrong = await (await visitor.Submit(await visitor.Open("/"), "#question", ("pclass", "1"), ("sex", "female"), ("age", "twenty"))).Document(System.Net.HttpStatusCode.BadRequest);
        Assert.Equal("twenty", wrong.QuerySelector("#age[autofocus]")?.GetAttribute("value"));

        var answer = await (await visitor.Submit(wrong, "#question", ("age", "20"))).Document();
        var heading = answer.QuerySelector("#answer h2[autofocus]")!;
        Assert.Equal("Would have survived", heading.TextContent);
        Assert.Matches(
            "^[0-9]+ of the [0-9]+ most similar passengers survived; that makes a chance of ", answer.Text($"#{heading.GetAttribute("aria-describedby")}"));
        Assert.Matches(@"^Would have survived \([0-9.]+.%\) · Titanic$", answer.Title!);
        Assert.All(answer.QuerySelectorAll("button[data-copy]"), button => Assert.True(button.HasAttribute("hidden")));

        var details = await visitor.Open(answer.QuerySelector("#answer a[href^='/predictions/']")!.GetAttribute("href")!);
        Assert.StartsWith("Prediction ", details.Text("h1"), StringComparison.Ordinal);
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
}
