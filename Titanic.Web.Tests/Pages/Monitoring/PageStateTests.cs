using Titanic.Web.Pipelines;
using Titanic.Web.Tests.Pipelines.Schedules;

namespace Titanic.Web.Tests.Pages.Monitoring;

/// <summary>What the monitoring page says about the first start, runs in progress and failed runs, and about passengers without a prediction.</summary>
public sealed class PageStateTests(PageStateTests.UnscheduledSite site) : IClassFixture<PageStateTests.UnscheduledSite>
{
    [Fact]
    public async Task The_page_says_why_numbers_are_missing_and_where_to_look()
    {
        await using var workflow = new TestWorkflow(site.Database);
        Assert.Null((await site.Get("/monitoring")).QuerySelector("[data-state]"));

        await workflow.Execute("update setup_progress set finished_at = null");
        Assert.Contains("The first start is simulating past days.", (await site.Get("/monitoring")).Text("[data-state=working]"), StringComparison.Ordinal);
        await workflow.Execute("update setup_progress set finished_at = started_at");

        await workflow.Run(PipelineNames.Feature, TestWorkflow.FirstDay);
        var unpredicted = await site.Get("/monitoring");
        Assert.Contains("the next inference run is scheduled for 2028-02-29 00:00 UTC.", unpredicted.Text("#not-predicted"), StringComparison.Ordinal);
        Assert.StartsWith("The stream has ended on 2026-03-01: Schedule:Feature has no further run.", unpredicted.Text("[data-state=ended]"), StringComparison.Ordinal);

        await workflow.Pause(PipelineNames.Inference);
        var paused = await site.Get("/monitoring");
        Assert.Equal("The schedule of inference is paused. View the schedule", paused.Text("[data-state=paused][data-pipeline=inference]"));
        Assert.Contains("the schedule of inference is paused.", paused.Text("#not-predicted"), StringComparison.Ordinal);
        await workflow.Execute("delete from schedule_pauses");

        await workflow.Execute("alter table predictions rename to hidden");
        var failed = await workflow.Run(PipelineNames.Inference, TestWorkflow.FirstDay);
        await workflow.Execute("alter table hidden rename to predictions");
        var afterFailure = await site.Get("/monitoring");
        Assert.Equal(
            $"The inference run of 2026-03-01 failed (run {failed.RunId}). No inference run has succeeded yet.", afterFailure.Text("[data-state=failed][data-pipeline=inference]"));
        Assert.Contains($"the inference run of 2026-03-01 failed (run {failed.RunId}).", afterFailure.Text("#not-predicted"), StringComparison.Ordinal);
        Assert.Equal($"/runs/{failed.RunId}", afterFailure.QuerySelector("#not-predicted a")!.GetAttribute("href"));

        await workflow.Execute($"update runs set status = 'Running', ended_at = null where run_id = {failed.RunId}");
        var working = await site.Get("/monitoring");
        Assert.Equal($"The inference run of 2026-03-01 is in progress (run {failed.RunId}).", working.Text("[data-state=working][data-pipeline=inference]"));
        Assert.Null(working.QuerySelector("[data-state=failed]"));
        await workflow.Execute($"update runs set status = 'Failed', ended_at = started_at where run_id = {failed.RunId}");

        await workflow.Run(PipelineNames.Inference, TestWorkflow.FirstDay);
        var predicted = await site.Get("/monitoring");
        Assert.Null(predicted.QuerySelector("[data-state=failed], #not-predicted"));
        Assert.Contains("Predicted:", predicted.Text("section[aria-labelledby=predicted]"), StringComparison.Ordinal);
    }

    /// <summary>A site with one model whose feature pipeline is never scheduled.</summary>
    public sealed class UnscheduledSite(TestPostgres postgres) : TitanicSite(
        postgres, [("Bootstrap:SimulateDays", "0"), ("Schedule:Feature", "0 0 30 2 *"), .. TestWorkflow.FastTrainingSettings]);
}
