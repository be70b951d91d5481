using Microsoft.Playwright;
using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages.Features;

/// <summary>The datasets of the training pipeline, for a visitor and for the administrator.</summary>
[Collection(SharedSites.Name)]
public sealed class DatasetListTests(FullSite full, EmptySite empty, TestBrowser browser)
{
    [Fact]
    public async Task Lists_datasets_newest_first_in_pages()
    {
        var page = await full.Get("/features/datasets");
        var older = await full.Get("/features/datasets?before=3");

        Assert.Equal(["Dataset 4", "Dataset 3", "Dataset 2", "Dataset 1"], page.Rows("#dataset-list").Select(row => row[0]));
        Assert.Equal(["Dataset 2", "Dataset 1"], older.Rows("#dataset-list").Select(row => row[0]));
        Assert.Equal(("titanic3, upload", "1,309", "500 (38.2%)", "241"), (page.Rows("#dataset-list")[3][4], page.Rows("#dataset-list")[3][5], page.Rows("#dataset-list")[3][6], page.Rows("#dataset-list")[3][7]));
        Assert.NotNull(older.QuerySelector("a[href='/features/datasets']"));
    }

    [Fact]
    public async Task Shows_a_dataset_with_its_model_versions_and_downloads()
    {
        var page = await full.Get("/features/datasets/1");

        Assert.Equal("version 1", page.Text("#dataset-models"));
        Assert.Equal(await full.Database.QueryScalar<string>($"""select sha256::text as "Value" from training_datasets where training_dataset_id = 1"""), page.Text("#digest"));
        Assert.NotNull(page.QuerySelector("a[href='/features/commits/1']"));
        Assert.Equal(
            ["/api/training-datasets/1/rows?format=csv", "/api/training-datasets/1/rows?format=parquet"],
            page.QuerySelectorAll("a[download]").Select(link => link.GetAttribute("href")));
        Assert.Null(page.QuerySelector("form[action='/features/datasets/1']"));
    }

    [Fact]
    public async Task Shows_the_next_step_without_datasets() =>
        Assert.Contains("No training datasets yet", (await empty.Get("/features/datasets")).Text("main"), StringComparison.Ordinal);

    [Fact]
    public async Task Runs_the_integrity_check_on_the_page_of_the_dataset()
    {
        foreach (var view in PageView.All)
        {
            var page = await view.NewPage(browser, full.BaseAddress);
            await PageChecks.SignIn(page, "/features/datasets");
            await page.ClickAsync("#define summary");
            await page.FillAsync("#testShare", "half");
            await page.ClickAsync("text='Define'");
            await Assertions.Expect(page.Locator("#testShare-error")).ToBeVisibleAsync();
            await view.ExpectNoViolations(page, "datasets-define");

            await page.ClickAsync("text='Dataset 2'");
            await page.ClickAsync("text='Run integrity check'");
            await Assertions.Expect(page.Locator("#comparison")).ToContainTextAsync("Digests are equal.");
            await view.ExpectNoViolations(page, "dataset-compared");
            await page.CloseAsync();
        }
    }

    [Fact]
    public async Task Downloads_a_dataset_under_its_own_file_name()
    {
        using var download = await full.Client.GetAsync((await full.Get("/features/datasets/2")).QuerySelector("a[download][href*=parquet]")!.GetAttribute("href"), TestContext.Current.CancellationToken);

        Assert.Equal("training-dataset-2.parquet", download.EnsureSuccessStatusCode().Content.Headers.ContentDisposition?.FileName);
        Assert.StartsWith(
            "PAR1", await download.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
