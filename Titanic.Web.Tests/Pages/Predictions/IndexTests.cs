using Titanic.Web.Pages.Predictions;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Serving;

namespace Titanic.Web.Tests.Pages.Predictions;

public sealed class IndexTests(FullSite full) : IClassFixture<FullSite>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_the_newest_first_with_what_was_predicted_and_what_happened()
    {
        var rows = (await full.Get("/predictions?source=batch")).QuerySelectorAll("tbody tr");

        Assert.Equal(30, rows.Length); // three days of ten passengers
        var ids = rows.Select(row => int.Parse(row.QuerySelector("th a")!.TextContent, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(ids.OrderDescending(), ids);
        Assert.All(rows, row => Assert.Equal(2, row.QuerySelectorAll(".fate").Length));
    }

    [Fact]
    public async Task Shows_only_the_source_that_was_asked_for()
    {
        await full.Get("/?pclass=1&sex=male&age=47&fare=227.5");

        var site = await full.Get("/predictions?source=ui");
        var all = await full.Get("/predictions");

        Assert.All(site.QuerySelectorAll("tbody tr"), row => Assert.Equal("This site", row.QuerySelector("[data-source=ui]")?.TextContent));
        Assert.Equal("This site", site.QuerySelector(".nav-pills [aria-current]")?.TextContent);
        Assert.True(all.QuerySelectorAll("tbody tr").Length > site.QuerySelectorAll("tbody tr").Length);
    }

    [Fact]
    public async Task Leads_through_all_of_them_page_by_page_without_a_gap_or_a_repeat()
    {
        await using (var db = full.Database.NewContext())
        {
            db.Predictions.AddRange(Enumerable.Range(0, IndexModel.RowsPerPage + 10).Select(_ => FromTheApi()));
            await db.SaveChangesAsync(Cancelled);
        }

        var seen = new List<string>();
        for (var next = "/predictions?source=api"; next is not null;)
        {
            var page = await full.Get(next);
            seen.AddRange(page.QuerySelectorAll("tbody th a").Select(link => link.TextContent));
            next = page.QuerySelector("a[rel=next]")?.GetAttribute("href");
        }

        Assert.Equal(IndexModel.RowsPerPage + 10, seen.Count);
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public async Task Says_what_to_do_next_when_there_are_no_older_ones() =>
        Assert.Equal("No older predictions", (await full.Get("/predictions?before=1")).QuerySelector(".empty-state-title")?.TextContent);

    private static Prediction FromTheApi() => new()
    {
        CreatedAt = new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero),
        Source = PredictionSources.Api,
        LogicalDate = new DateOnly(2026, 11, 23),
        Pclass = 1,
        Sex = Sex.Male,
        PointCode = 0,
        ModelName = ModelRegistry.ModelName,
        ModelVersion = 1,
        Probability = 0.5,
        Neighbors = 8,
        Survivors = 4,
    };
}
