using AngleSharp.Dom;

namespace Titanic.Web.Tests.Pages;

[Collection<OneFullSite>]
public sealed class LayoutTests(FullSite full)
{
    [Theory]
    [InlineData("/", "Predict")]
    [InlineData("/predictions", "Predictions")]
    [InlineData("/predictions/1", "Predictions")]
    public async Task Marks_the_place_where_the_visitor_is(string path, string place) =>
        Assert.Equal(place, Assert.Single((await full.Get(path)).QuerySelectorAll("nav[aria-label=Main] [aria-current]")).TextContent);

    [Fact]
    public async Task Leads_to_every_part_of_the_product_and_to_the_sign_in()
    {
        var page = await full.Get("/");

        Assert.Equal(["/", "/monitoring", "/models", "/features", "/pipelines", "/predictions"], Links(page, "nav[aria-label=Main] a"));
        Assert.Equal(["/login"], Links(page, ".site-account a"));
        Assert.Null(page.GetElementById("setup-progress"));
    }

    [Fact]
    public async Task Names_the_code_and_the_champion()
    {
        var footer = (await full.Get("/")).QuerySelector("footer")!;

        Assert.Contains("Version 0.1.0", footer.TextContent, StringComparison.Ordinal);
        Assert.Equal("version 4", footer.QuerySelector("a[href='/models/4']")?.TextContent); // the first model and one for each of three days
    }

    [Fact]
    public async Task Shows_the_administrator_who_is_signed_in_the_jobs_and_the_way_out()
    {
        using var admin = await full.NewAdminClient();

        var page = await TitanicSite.Page(await admin.GetAsync("/", TestContext.Current.CancellationToken));

        Assert.Equal(TitanicSite.AdminEmail, page.QuerySelector(".site-account-name")?.TextContent);
        Assert.Contains("/hangfire", Links(page, "nav[aria-label=Main] a"));
        var form = page.QuerySelector("form[action='/logout']")!;
        Assert.NotNull(form.QuerySelector("input[name=__RequestVerificationToken]"));
    }

    private static string[] Links(IDocument page, string selector) => [.. page.QuerySelectorAll(selector).Select(link => link.GetAttribute("href")!)];
}
