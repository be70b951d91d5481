using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;
using Titanic.Web.Tests.Lifecycle.Archives;

namespace Titanic.Web.Tests.Pages.Models;

/// <summary>The import of an archive in a browser, and the origin of the version on its page.</summary>
public sealed class ImportTests(EmptySite site, TestBrowser browser) : IClassFixture<EmptySite>
{
    [Fact]
    public async Task Imports_a_selected_archive_and_shows_its_origin_in_every_view()
    {
        foreach (var view in PageView.All)
        {
            var page = await view.NewPage(browser, site.BaseAddress);
            await PageChecks.SignIn(page, "/models/import");

            await Send(page, "notes.zip", "no archive"u8.ToArray());
            await Assertions.Expect(page.Locator("#import-problem")).ToContainTextAsync("Nothing was imported. Container: The file of 10 bytes has no zip end record");
            await view.ExpectNoViolations(page, "model-import-rejected");

            await Send(page, "titanic_knn-1.zip", SampleArchive.Create());
            if (view == PageView.All[0])
                await Assertions.Expect(page).ToHaveURLAsync(new Uri(site.BaseAddress, "/models/1#archive").ToString());
            else
                await Assertions.Expect(page.Locator("#same")).ToContainTextAsync("version 1 already has the same artifact");
            await page.GotoAsync("/models/1");
            await Assertions.Expect(page.Locator("#origin")).ToContainTextAsync($"by {TitanicSite.AdminEmail}");
            await view.ExpectNoViolations(page, "model-imported");
            await page.CloseAsync();
        }
    }

    private static async Task Send(IPage page, string name, byte[] archive)
    {
        await page.SetInputFilesAsync("#file", new FilePayload { Name = name, MimeType = "application/zip", Buffer = archive });
        await page.ClickAsync("#send");
    }
}
