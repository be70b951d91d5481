using Titanic.Web.Pages.Predictions;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Serving;

namespace Titanic.Web.Tests.Pages.Predictions;

public sealed class PredictionsIndexTests(FullSite full) : IClassFixture<FullSite>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lists_the_newest_first_with_prediction_and_outcome()
    {
        var rows = (await full.Get("/predictions?source=batch")).QuerySelectorAll("tbody tr");

        Assert.Equal(30, rows.Length); // three days with ten passengers each
        var ids = rows.Select(row => int.Parse(row.QuerySelector("th a")!.TextContent, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(ids.OrderDescending(), ids);
        Assert.All(rows, row => Assert.Equal(2, row.QuerySelectorAll(".outcome").Length));
    }

    [Fact]
    public async Task Filters_by_source()
    {
        await full.Get("/?pclass=1&sex=male&age=47&fare=227.5");

        var site = await full.Get("/predictions?source=ui");
        var all = await full.Get("/predictions");

        Assert.All(site.QuerySelectorAll("tbody tr"), row => Assert.Equal("Page", row.QuerySelector("[data-source=ui]")?.TextContent));
        Assert.Equal("Page", site.QuerySelector(".nav-pills [aria-current]")?.TextContent);
        Assert.True(all.QuerySelectorAll("tbody tr").Length > site.QuerySelectorAll("tbody tr").Length);
    }

    [Fact]
    public async Task Pages_through_all_predictions_without_gaps_or_duplicates()
    {
        await using (var db = full.Database.NewContext())
        {
            db.Predictions.AddRange(Enumerable.Range(0, PredictionsIndexModel.RowsPerPage + 10).Select(_ => FromTheApi()));
            await db.SaveChangesAsync(Cancellation);
        }

        var seen = new List<string>();
        for (var next = "/predictions?source=api"; next is not null;)
        {
            var page = await full.Get(next);
            seen.AddRange(page.QuerySelectorAll("tbody th a").Select(link => link.TextContent));
            next = page.QuerySelector("a[rel=next]")?.GetAttribute("href");
        }

        Assert.Equal(PredictionsIndexModel.RowsPerPage + 10, seen.Count);
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public async Task Shows_an_empty_state_after_the_oldest_prediction() =>
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
