namespace Titanic.Web.Tests.Pages;

public sealed class LayoutTests(FullSite full) : IClassFixture<FullSite>
{
    [Fact]
    public async Task Marks_the_place_where_the_visitor_is()
    {
        var page = await full.Get("/");

        Assert.Equal("Predict", page.QuerySelector("nav [aria-current=page]")?.TextContent);
    }
}
