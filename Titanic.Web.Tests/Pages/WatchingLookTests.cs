using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages;

/// <summary>The pages of monitoring, models, features, pipelines and runs in a real browser: wide and narrow, light and dark.</summary>
[Collection(SharedSites.Name)]
public sealed class WatchingLookTests(FullSite full, EmptySite empty, TestBrowser browser)
{
    [Theory]
    [InlineData("/monitoring", "monitoring")]
    [InlineData("/models", "models")]
    [InlineData("/models/4", "model-version")]
    [InlineData("/features", "features")]
    [InlineData("/features?asOf=1&current=all", "features-as-of")]
    [InlineData("/features?asOf=soon&reference=kaggle", "features-wrong", 400)]
    [InlineData("/features/datasets", "datasets")]
    [InlineData("/features/datasets/1", "dataset")]
    [InlineData("/features/commits/1", "commit")]
    [InlineData("/features/passengers", "passengers")]
    [InlineData("/features/passengers?asOf=soon&source=moon", "passengers-wrong", 400)]
    [InlineData("/features/passengers/titanic3/1", "passenger")]
    [InlineData("/features/validations", "validations")]
    [InlineData("/features/validations/1", "validation")]
    [InlineData("/pipelines", "pipelines")]
    [InlineData("/runs/4", "run")]
    public Task Is_accessible_and_fits_and_runs_only_our_files(string path, string name, int status = 200) =>
        PageView.LookEverywhere(browser, full.BaseAddress, path, name, status);

    [Theory]
    [InlineData("/monitoring", "monitoring-empty")]
    [InlineData("/models", "models-empty")]
    [InlineData("/features", "features-empty")]
    [InlineData("/features/passengers", "passengers-empty")]
    [InlineData("/features/validations", "validations-empty")]
    [InlineData("/features/datasets", "datasets-empty")]
    [InlineData("/pipelines", "pipelines-empty")]
    public Task Is_accessible_and_fits_while_empty(string path, string name) =>
        PageView.LookEverywhere(browser, empty.BaseAddress, path, name);

    [Theory]
    [InlineData("/models/999")]
    [InlineData("/features/commits/999")]
    [InlineData("/features/passengers/titanic3/9999")]
    [InlineData("/features/validations/999")]
    [InlineData("/features/validations/999/rejected")]
    [InlineData("/features/datasets/999")]
    [InlineData("/runs/999999")]
    public async Task Answers_404_with_a_page_for_what_is_not_there(string path)
    {
        var page = await full.Get(path, System.Net.HttpStatusCode.NotFound);

        Assert.NotNull(page.QuerySelector("main h1"));
    }
}
