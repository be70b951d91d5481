using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pages.Pipelines;

[Collection(SharedSites.Name)]
public sealed class PipelinesIndexTests(FullSite full, EmptySite empty)
{
    [Fact]
    public async Task Shows_the_pipelines_in_order_with_their_schedule()
    {
        var page = await full.Get("/pipelines");

        Assert.Equal(PipelineNames.All, page.QuerySelectorAll("[data-pipeline]").Select(section => section.GetAttribute("data-pipeline")));
        Assert.All(PipelineNames.All, pipeline => Assert.Matches(
            @"At 00:00, on day 29 of the month, in February \(UTC, 0 0 29 2 \*\); next run: 20\d\d-02-29 00:00 UTC Schedule", page.Text($"[data-pipeline={pipeline}]")));
    }

    [Fact]
    public async Task Lists_the_last_runs_of_each_pipeline()
    {
        var page = await full.Get("/pipelines");

        foreach (var pipeline in PipelineNames.Daily)
        {
            var expected = await full.Database.QueryScalar<string>(
                $"""
                select string_agg('Run ' || run_id, ', ' order by run_id desc) as "Value"
                from (select run_id from runs where pipeline = {pipeline} order by run_id desc limit 5) newest
                """);
            Assert.Equal(expected, string.Join(", ", page.Rows($"[data-pipeline={pipeline}]").Select(row => row[0])));
            Assert.All(page.Rows($"[data-pipeline={pipeline}]"), row => Assert.Equal("succeeded", row[1]));
        }
    }

    [Fact]
    public async Task Shows_the_next_step_without_runs_and_no_button_to_visitors()
    {
        var page = await empty.Get("/pipelines");

        Assert.Contains("No runs yet.", page.Text("[data-pipeline=feature]"), StringComparison.Ordinal);
        Assert.Empty(page.QuerySelectorAll("[data-pipeline] form"));
        Assert.NotNull(page.QuerySelector("main a[href^='/login']"));
    }
}
