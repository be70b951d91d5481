using System.Net;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Tests.Pages.Predictions;

[Collection<FullSiteCollection>]
public sealed class ReceiptTests(FullSite full)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_inputs_as_received_and_as_encoded()
    {
        var result = await full.Get("/?pclass=2&sex=female&age=&fare=31.5");
        var receipt = result.QuerySelector("#prediction a[href^='/predictions/']")!.GetAttribute("href")!;

        var facts = (await full.Get(receipt)).QuerySelector("main")!.TextContent;

        Assert.Contains("unknown", facts, StringComparison.Ordinal);
        Assert.Contains("0 (Unknown)", facts, StringComparison.Ordinal);
        Assert.Contains("£31.50", facts, StringComparison.Ordinal);
        Assert.Contains("2 (over £25 to £50)", facts, StringComparison.Ordinal);
        Assert.Contains(
            $"point {BinnedEncoder.Encode(2, Titanic.Web.Passengers.Sex.Female, null, 31.5).Code} of 396", facts, StringComparison.Ordinal);
        Assert.Contains("not linked to a passenger", facts, StringComparison.Ordinal);
        Assert.Equal(result.Text("#explanation"), (await full.Get(receipt)).Text("#explanation"));
    }

    [Fact]
    public async Task Shows_outcome_and_run_of_a_stream_passenger()
    {
        await using var db = full.Database.NewContext();
        var prediction = await db.Predictions.FirstAsync(p => p.PassengerId != null, Cancellation);
        var survived = (await db.Outcomes.SingleAsync(o => o.PassengerId == prediction.PassengerId && o.SupersededBy == null, Cancellation)).Survived;

        var page = await full.Get($"/predictions/{prediction.PredictionId}");

        Assert.NotNull(page.QuerySelector($"a[href='/runs/{prediction.RunId}']"));
        Assert.NotNull(page.QuerySelector($"a[href='/models/{prediction.ModelVersion}']"));
        var outcome = page.QuerySelectorAll("dt").Single(dt => dt.TextContent == "Actual outcome").NextElementSibling!;
        Assert.Equal(survived ? "survived" : "died", outcome.QuerySelector(".outcome")?.TextContent);
        Assert.Contains(survived == prediction.Survived ? "correct" : "wrong", outcome.TextContent, StringComparison.Ordinal);
        Assert.Contains("live:", page.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/predictions/999999999")]
    [InlineData("/predictions/abc")]
    public async Task Returns_404_for_an_unknown_prediction(string path) =>
        Assert.Equal("Page not found", (await full.Get(path, HttpStatusCode.NotFound)).QuerySelector("h1")?.TextContent);
}
