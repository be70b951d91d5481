using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages.Features;

/// <summary>Datasets that the training pipeline made, as a visitor and as the administrator see them.</summary>
[Collection(SharedSites.Name)]
public sealed class DatasetListTests(FullSite full, EmptySite empty, TestBrowser browser)
{
    [Fact]
    public async Task Lists_datasets_newest_first_a_page_at_a_time()
    {
        var page = await full.Get("/features/datasets");
        var older = await full.Get("/features/datasets?before=3");

        Assert.Equal(["Dataset 4", "Dataset 3", "Dataset 2", "Dataset 1"], page.Rows("#dataset-list").Select(row => row[0]));
        Assert.Equal(["Dataset 2", "Dataset 1"], older.Rows("#dataset-list").Select(row => row[0]));
        Assert.Equal(("titanic3, upload", "1,309", "500 (38.2 %)", "241"), (page.Rows("#dataset-list")[3][4], page.Rows("#dataset-list")[3][5], page.Rows("#dataset-list")[3][6], page.Rows("#dataset-list")[3][7]));
        Assert.NotNull(older.QuerySelector("a[href='/features/datasets']"));
    }

    [Fact]
    public async Task Shows_a_dataset_with_the_model_that_learned_it_and_its_downloads()
    {
        var page = await full.Get("/features/datasets/1");

        Assert.Equal("version 1", page.Text("#dataset-models"));
        Assert.Equal(await full.Database.Ask<string>($"""select sha256::text as "Value" from training_datasets where training_dataset_id = 1"""), page.Text("#digest"));
        Assert.NotNull(page.QuerySelector("a[href='/features/commits/1']"));
        Assert.Equal(
            ["/api/training-datasets/1/rows?format=csv", "/api/training-datasets/1/rows?format=parquet"],
            page.QuerySelectorAll("a[download]").Select(link => link.GetAttribute("href")));
        Assert.Null(page.QuerySelector("form[action='/features/datasets/1']"));
    }

    [Fact]
    public async Task Says_what_to_do_while_there_is_none() =>
        Assert.Contains("No training datasets yet", (await empty.Get("/features/datasets")).Text("main"), StringComparison.Ordinal);

    [Theory]
    [InlineData(1280, ColorScheme.Dark, "desktop-dark")]
    [InlineData(375, ColorScheme.Light, "phone-light")]
    public async Task The_administrator_compares_and_downloads_without_leaving_the_page(int width, ColorScheme colors, string name)
    {
        var page = await browser.NewPage(full.BaseAddress, width, colorScheme: colors);
        await page.GotoAsync("/login?returnUrl=/features/datasets");
        await page.FillAsync("#Email", TitanicSite.AdminEmail);
        await page.FillAsync("#Password", TitanicSite.AdminPassword);
        await page.ClickAsync("main button[type=submit]");
        await page.ClickAsync("#define summary");
        await page.FillAsync("#testShare", "half");
        await page.ClickAsync("text='Define'");
        await Assertions.Expect(page.Locator("#testShare-error")).ToBeVisibleAsync();
        await PageView.ExpectNoComplaints(page, width, $"datasets-define-{name}");

        await page.ClickAsync("text='Dataset 2'");
        await page.ClickAsync("text='Re-create and compare'");
        await Assertions.Expect(page.Locator("#comparison")).ToContainTextAsync("Equal.");
        await PageView.ExpectNoComplaints(page, width, $"dataset-compared-{name}");

        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("text='Parquet'"));
        Assert.Equal("training-dataset-2.parquet", download.SuggestedFilename);
        Assert.Null(await download.FailureAsync());
        await page.CloseAsync();
    }
}
