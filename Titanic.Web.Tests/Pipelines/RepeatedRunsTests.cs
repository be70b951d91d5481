using Titanic.Web.Pipelines;



namespace Titanic.Web.Tests.Pipelines;

/// <summary>Idempotent per (pipeline, logical date): running twice changes nothing and says so.</summary>
public sealed class RepeatedRunsTests(TestPostgres postgres)
{
    [Fact]
    public async Task Running_everything_twice_changes_no_row_and_says_so()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        await EndToEndTests.ThreeDays.LiveThrough(workflow);
        var before = await EndToEndTests.ThreeDays.State(workflow);

        var backfill = await workflow.Run(PipelineNames.Feature, TestWorkflow.FirstDay, RunRequest.BundledDataset);
        var firstTraining = await workflow.Run(PipelineNames.Training, TestWorkflow.FirstDay.AddDays(-1));
        Assert.Contains("nothing changed, so there is no commit", backfill.Summary);
        Assert.Contains("Nothing new to learn", firstTraining.Summary);
        for (var day = TestWorkflow.FirstDay; day < TestWorkflow.FirstDay.AddDays(3); day = day.AddDays(1))
        {
            var (feature, inference, training) = (
                await workflow.Run(PipelineNames.Feature, day), await workflow.Run(PipelineNames.Inference, day), await workflow.Run(PipelineNames.Training, day));
            await workflow.Run(PipelineNames.Monitoring, day);
            Assert.Contains("nothing changed, so there is no commit", feature.Summary);
            Assert.Contains("Nobody new", inference.Summary);
            Assert.Contains("Nothing new to learn", training.Summary);
        }

        Assert.Equal(before, await EndToEndTests.ThreeDays.State(workflow));
    }
}
