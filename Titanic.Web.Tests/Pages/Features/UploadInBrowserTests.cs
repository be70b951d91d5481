using System.Text;
using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages.Features;

/// <summary>A list from somebody's disk, chosen or dropped in a real browser.</summary>
public sealed class UploadInBrowserTests(EmptySite site, TestBrowser browser) : IClassFixture<EmptySite>
{
    private const string Header = "PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n";

    [Fact]
    public async Task A_file_is_chosen_and_uploaded()
    {
        var page = await SignedIn(PageView.All[0]);
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "list.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(Header + "341,1,1,Anna,female,30,80\n999,0,9,Bad,male,,\n") });
        await PageView.All[0].ExpectNoViolations(page, "upload-chosen");

        await page.ClickAsync("#send");

        await page.WaitForURLAsync("**/features/upload?run=*");
        Assert.Equal("The good rows are stored", await page.TextContentAsync("#result"));
        await PageView.All[0].ExpectNoViolations(page, "upload-result");
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_file_is_dropped_and_a_second_at_once_is_not()
    {
        var page = await SignedIn(PageView.All[1]);
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
        await PageView.All[1].ExpectNoViolations(page, "upload-problem");
        await page.EvaluateAsync(drop, new[] { "a.csv" });
        await Assertions.Expect(page.Locator("#upload-problem")).ToBeEmptyAsync();
        await page.ClickAsync("#send");
        await page.WaitForURLAsync("**/features/upload?run=*");

        Assert.Equal("Drop one file at a time.", refused);
        Assert.Equal("1", await page.TextContentAsync("#upload-counts td"));
        await page.CloseAsync();
    }

    private async Task<IPage> SignedIn(PageView view)
    {
        var page = await view.NewPage(browser, site.BaseAddress);
        await PageLooks.SignIn(page, "/features/upload");
        return page;
    }
}
