using System.Net;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Tests.Pages.Predictions;

[Collection<OneFullSite>]
public sealed class ReceiptTests(FullSite full)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_a_question_of_a_visitor_as_asked_and_as_encoded()
    {
        var answered = await full.Get("/?pclass=2&sex=female&age=&fare=31.5");
        var receipt = answered.QuerySelector("#answer a[href^='/predictions/']")!.GetAttribute("href")!;

        var facts = (await full.Get(receipt)).QuerySelector("main")!.TextContent;

        Assert.Contains("unknown", facts, StringComparison.Ordinal);
        Assert.Contains("0 (Unknown)", facts, StringComparison.Ordinal);
        Assert.Contains("£31.50", facts, StringComparison.Ordinal);
        Assert.Contains("2 (over £25 to £50)", facts, StringComparison.Ordinal);
        Assert.Contains($"point {BinnedEncoder.Encode(2, Titanic.Web.Passengers.Sex.Female, null, 31.5).Code} of 396", facts, StringComparison.Ordinal);
        Assert.Contains("nobody in particular", facts, StringComparison.Ordinal);
        Assert.Equal(answered.Text("#explanation"), (await full.Get(receipt)).Text("#explanation"));
    }

    [Fact]
    public async Task Shows_what_happened_to_a_passenger_of_the_stream_and_which_run_asked()
    {
        await using var db = full.Database.NewContext();
        var prediction = await db.Predictions.FirstAsync(p => p.PassengerId != null, Cancelled);
        var survived = (await db.Outcomes.SingleAsync(o => o.PassengerId == prediction.PassengerId && o.SupersededBy == null, Cancelled)).Survived;

        var page = await full.Get($"/predictions/{prediction.PredictionId}");

        Assert.NotNull(page.QuerySelector($"a[href='/runs/{prediction.RunId}']"));
        Assert.NotNull(page.QuerySelector($"a[href='/models/{prediction.ModelVersion}']"));
        var outcome = page.QuerySelectorAll("dt").Single(dt => dt.TextContent == "Actual outcome").NextElementSibling!;
        Assert.Equal(survived ? "survived" : "died", outcome.QuerySelector(".fate")?.TextContent);
        Assert.Contains(survived == prediction.Survived ? "right" : "wrong", outcome.TextContent, StringComparison.Ordinal);
        Assert.Contains("live:", page.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/predictions/999999999")]
    [InlineData("/predictions/abc")]
    public async Task Says_that_there_is_no_such_prediction(string path) =>
        Assert.Equal("There is no such page", (await full.Get(path, HttpStatusCode.NotFound)).QuerySelector("h1")?.TextContent);
}
