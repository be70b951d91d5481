using AngleSharp.Dom;

namespace Titanic.Web.Tests.Pages.Monitoring;

/// <summary>
/// The dashboard of the original swapped the labels of its confusion matrix (S3). All four counts differ here, so that a swap fails.
/// </summary>
public sealed class ConfusionOrientationTests(EmptySite site) : IClassFixture<EmptySite>, IAsyncLifetime
{
    private static readonly DateOnly _day = new(2026, 11, 20);

    public async ValueTask InitializeAsync()
    {
        await using var db = site.Database.NewContext();
        db.DailyPerformance.AddRange(
            new() { LogicalDate = _day, IsLive = true, Predictions = 18, TrueNegatives = 7, FalsePositives = 1, FalseNegatives = 2, TruePositives = 4, SquaredError = 2.8 },
            new() { LogicalDate = _day, IsLive = false, Predictions = 30, TrueNegatives = 16, FalsePositives = 3, FalseNegatives = 5, TruePositives = 6, SquaredError = 6 });
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Shows_each_count_under_its_label_and_separates_in_sample_metrics()
    {
        var page = await site.Get("/monitoring?days=all");

        var live = page.QuerySelector("#live-performance")!;
        Assert.Equal("7", Cell(live, "Actual: died", "Predicted: died"));
        Assert.Equal("1", Cell(live, "Actual: died", "Predicted: survived"));
        Assert.Equal("2", Cell(live, "Actual: survived", "Predicted: died"));
        Assert.Equal("4", Cell(live, "Actual: survived", "Predicted: survived"));
        // 11 of 14 correct; Wilson's interval computed by hand; Brier score 2.8 / 14.
        Assert.Contains("78.6%", live.NormalizedText(), StringComparison.Ordinal);
        Assert.Contains("(95% interval 52.4% to 92.4%)", live.NormalizedText(), StringComparison.Ordinal);
        Assert.Contains("n = 14 of 18 predictions", live.NormalizedText(), StringComparison.Ordinal);
        Assert.Contains("0.200", live.NormalizedText(), StringComparison.Ordinal);

        var inSample = page.QuerySelector("#in-sample-performance")!;
        Assert.Equal("16", Cell(inSample, "Actual: died", "Predicted: died"));
        Assert.Equal("3", Cell(inSample, "Actual: died", "Predicted: survived"));
        Assert.Contains("In-sample: 30 predictions of persons that the model had learned", inSample.NormalizedText(), StringComparison.Ordinal);
    }

    private static string Cell(IElement within, string row, string column)
    {
        var columns = within.QuerySelectorAll("thead tr > *").Select(PageReading.NormalizedText).ToList();
        var line = within.QuerySelectorAll("tbody tr").Single(tr => tr.Text("th") == row);
        return line.Children[columns.IndexOf(column)].Text(".confusion-count");
    }
}
