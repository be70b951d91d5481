using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages;

/// <summary>Every page in a real browser: wide and narrow, light and dark.</summary>
[Collection<OneFullSite>]
public sealed class LookTests(FullSite full, TestBrowser browser)
{
    [Theory]
    [InlineData("/", "predict")]
    [InlineData("/?pclass=1&sex=female&age=29&fare=100", "predict-survived")]
    [InlineData("/?pclass=3&sex=male&age=22&fare=7.25", "predict-died")]
    [InlineData("/?pclass=4&sex=&age=abc&fare=1e3", "predict-wrong", 400)]
    [InlineData("/predictions", "predictions")]
    [InlineData("/predictions/1", "receipt")]
    [InlineData("/login", "login")]
    [InlineData("/no/such/page", "not-found", 404)]
    public Task Is_accessible_and_fits_and_runs_only_our_files(string path, string name, int status = 200) =>
        PageView.LookEverywhere(browser, full.BaseAddress, path, name, status);
}
