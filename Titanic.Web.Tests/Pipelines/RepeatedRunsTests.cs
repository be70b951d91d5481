using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Runs are idempotent by pipeline and logical date: a second run changes nothing and its summary says so.</summary>
public sealed class RepeatedRunsTests(TestPostgres postgres)
{
    [Fact]
    public async Task Running_every_pipeline_twice_changes_no_row()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        await EndToEndTests.ThreeDays.SimulateThreeDays(workflow);
        var before = await EndToEndTests.ThreeDays.State(workflow);

        var backfill = await workflow.Run(PipelineNames.Feature, TestWorkflow.FirstDay, RunRequest.BundledDataset);
        var firstTraining = await workflow.Run(PipelineNames.Training, TestWorkflow.FirstDay.AddDays(-1));
        Assert.Contains("nothing changed, so there is no commit", backfill.Summary);
        Assert.Contains("Nothing to train", firstTraining.Summary);
        for (var day = TestWorkflow.FirstDay; day < TestWorkflow.FirstDay.AddDays(3); day = day.AddDays(1))
        {
            var (feature, inference, training) = (
                await workflow.Run(PipelineNames.Feature, day), await workflow.Run(PipelineNames.Inference, day), await workflow.Run(PipelineNames.Training, day));
            await workflow.Run(PipelineNames.Monitoring, day);
            Assert.Contains("nothing changed, so there is no commit", feature.Summary);
            Assert.Contains("No new passengers", inference.Summary);
            Assert.Contains("Nothing to train", training.Summary);
        }

        Assert.Equal(before, await EndToEndTests.ThreeDays.State(workflow));
    }
}
