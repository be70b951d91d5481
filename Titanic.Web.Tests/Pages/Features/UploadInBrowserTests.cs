using System.Text;
using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages.Features;

/// <summary>A list from somebody's disk, chosen or dropped in a real browser.</summary>
public sealed class UploadInBrowserTests(EmptySite site, TestBrowser browser) : IClassFixture<EmptySite>
{
    private const string Header = "PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_person_uploads_in_a_browser_with_and_without_scripts(bool scripts)
    {
        var page = await SignedIn(scripts, width: 1280);
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "list.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(Header + (scripts ? "341" : "342") + ",1,1,Anna,female,30,80\n999,0,9,Bad,male,,\n") });
        await page.ScreenshotAsync(new() { Path = PageView.Screenshot($"upload-chosen-{scripts}"), FullPage = true });

        await page.ClickAsync("#send");

        await page.WaitForURLAsync("**/features/upload?run=*");
        Assert.Equal("The good rows are stored", await page.TextContentAsync("#result"));
        if (scripts) // axe is a script itself
            await PageView.ExpectNoComplaints(page, 1280, "upload-result");
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_file_is_dropped_and_a_second_at_once_is_not()
    {
        var page = await SignedIn(scripts: true, width: 375);
        const string drop = """
            (names) => {
              const data = new DataTransfer();
              for (const name of names) data.items.add(new File(["PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n351,1,1,Anna,female,30,80\n"], name, { type: "text/csv" }));
              document.getElementById("drop-area").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
            }
            """;

        await page.EvaluateAsync(drop, new[] { "a.csv", "b.csv" });
        var refused = await page.TextContentAsync("#upload-problem");
        await Assertions.Expect(page.Locator("#file")).ToBeFocusedAsync();
        await PageView.ExpectNoComplaints(page, 375, "upload-problem-phone");
        await page.EvaluateAsync(drop, new[] { "a.csv" });
        await Assertions.Expect(page.Locator("#upload-problem")).ToBeEmptyAsync();
        await page.ClickAsync("#send");
        await page.WaitForURLAsync("**/features/upload?run=*");

        Assert.Equal("Drop one file at a time.", refused);
        Assert.Equal("1", await page.TextContentAsync("#upload-counts td"));
        await page.CloseAsync();
    }

    private async Task<IPage> SignedIn(bool scripts, int width)
    {
        var page = await browser.NewPage(site.BaseAddress, width: width, javaScript: scripts);
        await page.GotoAsync("/login?returnUrl=/features/upload");
        await page.FillAsync("#Email", TitanicSite.AdminEmail);
        await page.FillAsync("#Password", TitanicSite.AdminPassword);
        await page.ClickAsync("main button[type=submit]");
        await page.WaitForURLAsync("**/features/upload");
        return page;
    }
}
