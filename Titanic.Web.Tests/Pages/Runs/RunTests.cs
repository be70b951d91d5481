using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pages.Runs;

[Collection(SharedSites.Name)]
public sealed class RunTests(FullSite full)
{
    [Theory]
    [InlineData("feature", "a[href^='/features/commits/']")]
    [InlineData("training", "a[href^='/models/']")]
    [InlineData("inference", "a[href^='/predictions/']")]
    public async Task Links_to_the_outputs_of_the_run(string pipeline, string link)
    {
        var run = await full.Database.QueryScalar<long>($"""select max(run_id) as "Value" from runs where pipeline = {pipeline}""");

        var page = await full.Get($"/runs/{run}");

        Assert.NotNull(page.QuerySelector($"section[aria-labelledby=written] {link}"));
        Assert.StartsWith("succeeded", page.Text("#run-status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_the_predictions_of_the_run()
    {
        var run = await full.Database.QueryScalar<long>($"""select max(run_id) as "Value" from predictions""");

        var page = await full.Get($"/runs/{run}");

        var expected = await full.Database.QueryScalar<string>($"""select string_agg(prediction_id::text, ' ' order by prediction_id) as "Value" from predictions where run_id = {run}""");
        Assert.Equal(expected, string.Join(' ', page.Rows("#run-predictions").Select(row => row[0])));
    }

    [Fact]
    public async Task Refreshes_only_until_the_run_ends()
    {
        long queued;
        await using (var db = full.Database.NewContext())
        {
            var run = new Run { Pipeline = "monitoring", LogicalDate = new DateOnly(2026, 1, 1), Status = RunStatus.Queued, CodeVersion = "test", QueuedAt = DateTimeOffset.UnixEpoch };
            db.Runs.Add(run);
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
            queued = run.RunId;
            try
            {
                Assert.Equal(["2"], await RefreshOf(queued)); // only without scripts
            }
            finally
            {
                db.Runs.Remove(run);
                await db.SaveChangesAsync(TestContext.Current.CancellationToken);
            }
        }
        Assert.Empty(await RefreshOf(1));
    }

    private async Task<IEnumerable<string>> RefreshOf(long run)
    {
        var page = await full.Get($"/runs/{run}");
        return page.QuerySelectorAll("noscript").Where(part => part.InnerHtml.Contains("http-equiv=\"refresh\"", StringComparison.Ordinal))
            .Select(part => part.InnerHtml.Split("content=\"")[1].Split('"')[0]);
    }
}
