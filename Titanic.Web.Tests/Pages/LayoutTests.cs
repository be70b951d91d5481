using AngleSharp.Dom;

namespace Titanic.Web.Tests.Pages;

[Collection<FullSiteCollection>]
public sealed class LayoutTests(FullSite full)
{
    [Theory]
    [InlineData("/", "Predict")]
    [InlineData("/predictions", "Predictions")]
    [InlineData("/predictions/1", "Predictions")]
    [InlineData("/alerts", "Alerts")]
    public async Task Marks_the_current_section_in_the_navigation(string path, string section) =>
        Assert.Equal(section, Assert.Single((await full.Get(path)).QuerySelectorAll("nav[aria-label=Main] [aria-current]")).TextContent);

    [Fact]
    public async Task Links_every_section_and_the_sign_in_page()
    {
        var page = await full.Get("/");

        Assert.Equal(["/", "/monitoring", "/models", "/features", "/pipelines", "/predictions", "/alerts"], Links(page, "nav[aria-label=Main] a"));
        Assert.Equal(["/login"], Links(page, ".site-account a"));
        Assert.Null(page.GetElementById("setup-progress"));
    }

    [Fact]
    public async Task Shows_that_all_is_well() => Assert.Equal("OK", (await full.Get("/")).QuerySelector("#site-status")!.TextContent);

    [Fact]
    public async Task Shows_code_version_and_champion_in_the_footer()
    {
        var footer = (await full.Get("/")).QuerySelector("footer")!;

        Assert.Contains("Version 0.1.0", footer.TextContent, StringComparison.Ordinal);
        // The first version, and one for each of three simulated days.
        Assert.Equal("version 4", footer.QuerySelector("a[href='/models/4']")?.TextContent);
    }

    [Fact]
    public async Task Shows_account_name_jobs_and_sign_out_to_the_administrator()
    {
        using var admin = await full.NewAdminClient();

        var page = await TitanicSite.ParsePage(await admin.GetAsync("/", TestContext.Current.CancellationToken));

        Assert.Equal(TitanicSite.AdminEmail, page.QuerySelector(".site-account-name")?.TextContent);
        Assert.Contains("/hangfire", Links(page, "nav[aria-label=Main] a"));
        var form = page.QuerySelector("form[action='/logout']")!;
        Assert.NotNull(form.QuerySelector("input[name=__RequestVerificationToken]"));
    }

    private static string[] Links(IDocument page, string selector) => [.. page.QuerySelectorAll(selector).Select(link => link.GetAttribute("href")!)];
}
