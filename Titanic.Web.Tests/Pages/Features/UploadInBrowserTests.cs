using System.Text;
using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages.Features;

/// <summary>The upload of a passenger list in a real browser, by file selection and by drag and drop.</summary>
public sealed class UploadInBrowserTests(EmptySite site, TestBrowser browser) : IClassFixture<EmptySite>
{
    private const string Header = "PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n";

    [Fact]
    public async Task Uploads_a_selected_file()
    {
        var page = await SignedIn(PageView.All[0]);
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "list.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(Header + "341,1,1,Anna,female,30,80\n999,0,9,Bad,male,,\n") });
        await PageView.All[0].ExpectNoViolations(page, "upload-selected");

        await page.ClickAsync("#send");

        await page.WaitForURLAsync("**/features/upload?run=*");
        Assert.Equal("1 row imported, 1 rejected", await page.TextContentAsync("#result"));
        await PageView.All[0].ExpectNoViolations(page, "upload-result");
        await page.CloseAsync();
    }

    [Fact]
    public async Task Previews_the_selected_file_and_imports_with_the_corrected_columns()
    {
        var page = await SignedIn(PageView.All[0]);
        var file = Encoding.Latin1.GetBytes("class;sex;Nom;Nr\n3;male;José;361\n");
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "list.csv", MimeType = "text/csv", Buffer = file });
        await Assertions.Expect(page.Locator("#upload-problem")).ToContainTextAsync("is not valid UTF-8");

        await page.SelectOptionAsync("#encoding", "windows-1252");
        await Assertions.Expect(page.Locator("#preview-input")).ToContainTextAsync("Read as semicolon-separated Windows-1252");
        await page.SelectOptionAsync("#column-name", "Nom");
        await Assertions.Expect(page.Locator("#preview-rows")).ToContainTextAsync("José");
        await page.SelectOptionAsync("#column-passengerId", "Nr");
        await Assertions.Expect(page.Locator("#preview-rows")).ToContainTextAsync("361");
        await PageView.All[0].ExpectNoViolations(page, "upload-preview");
        await page.ClickAsync("#send");

        await page.WaitForURLAsync("**/features/upload?run=*");
        await Assertions.Expect(page.Locator("#upload-input")).ToContainTextAsync("id ← Nr, class ← class, name ← Nom");
        await page.CloseAsync();
    }

    [Fact]
    public async Task Uploads_a_dropped_file_and_rejects_two_at_once()
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
        var rejection = await page.TextContentAsync("#upload-problem");
        await Assertions.Expect(page.Locator("#file")).ToBeFocusedAsync();
        await PageView.All[1].ExpectNoViolations(page, "upload-problem");
        await page.EvaluateAsync(drop, new[] { "a.csv" });
        await Assertions.Expect(page.Locator("#upload-problem")).ToBeEmptyAsync();
        await Assertions.Expect(page.Locator("#preview table").First).ToBeVisibleAsync(); // it moves the button
        await page.ClickAsync("#send");
        await page.WaitForURLAsync("**/features/upload?run=*");

        Assert.Equal("Drop one file at a time.", rejection);
        Assert.Equal("1", await page.TextContentAsync("#upload-counts td"));
        await page.CloseAsync();
    }

    private async Task<IPage> SignedIn(PageView view)
    {
        var page = await view.NewPage(browser, site.BaseAddress);
        await PageChecks.SignIn(page, "/features/upload");
        return page;
    }
}
