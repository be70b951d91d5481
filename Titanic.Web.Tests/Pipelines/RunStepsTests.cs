using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>The steps of runs.</summary>
public sealed class RunStepsTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    [Fact]
    public async Task Every_pipeline_stores_named_steps_that_have_ended()
    {
        await Workflow.ImportAndTrain();
        await Workflow.SimulateDay(Day);
        await Workflow.Run(PipelineNames.Audit, Day);

        var runs = await Workflow.Query(db => Task.FromResult(db.Runs.OrderBy(run => run.RunId).ToList()));

        Assert.Equal(["feature", "training", "feature", "inference", "training", "monitoring", "audit"], runs.Select(run => run.Pipeline));
        Assert.All(runs, run => Assert.Equal(RunStatus.Succeeded, run.Status));
        Assert.All(runs, run => Assert.NotEmpty(run.Steps));
        Assert.All(runs.SelectMany(run => run.Steps), step => Assert.NotNull(step.EndedAt));
        Assert.Equal(["Open the file", "Read the rows", "Validate and store the rows"], runs[0].Steps.Select(step => step.Name));
        Assert.Equal((1309L, 1309L), (runs[0].Steps[1].Done, runs[0].Steps[2].Counts["inserted"]));
        var training = runs[1].Steps;
        Assert.Equal(
            ["Select the training rows", "Read the training rows", "Select the hyperparameters", "Fit the model", "Evaluate the model (cross-validation, leave-one-out, hold-out)",
                "Collect the evidence for the promotion gate", "Register the version"],
            training.Select(step => step.Name));
        Assert.All(training.Where(step => step.Total is not null), step => Assert.Equal(step.Total, step.Done));
        Assert.Equal(3, training.Count(step => step.Total is not null));
        Assert.Equal(1, training[^1].Counts["version"]);
        Assert.Equal(10, runs[3].Steps.Single().Done);
        Assert.StartsWith("Reproduce version ", runs[6].Steps[1].Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_and_progress_are_stored_while_the_run_is_running()
    {
        var release = new TaskCompletionSource();
        var running = Workflow.GetRequired<PipelineRunner>().RunConcurrent(Request, async (run, _) =>
        {
            run.Step("Read");
            run.SetCount("rows", 7);
            var progress = run.Step("Write", 5);
            progress.Add(3);
            await release.Task;
            progress.Add(2);
            return "done";
        }, Cancellation);

        await Eventually.True(() => Workflow.Query(db => Task.FromResult(db.Runs.AsEnumerable().Any(run => run.Steps.Count == 2))), "the steps are stored");
        var steps = (await Workflow.StoredRun(1)).Steps;
        Assert.Equal(("Read", 7L, "Write", 3L, 5L), (steps[0].Name, steps[0].Counts["rows"], steps[1].Name, steps[1].Done, steps[1].Total));
        Assert.Equal((true, false), (steps[0].EndedAt is not null, steps[1].EndedAt is not null));

        release.SetResult();
        await running;
        Assert.Equal((5L, true), ((await Workflow.StoredRun(1)).Steps[1].Done, (await Workflow.StoredRun(1)).Steps[1].EndedAt is not null));
    }

    [Fact]
    public async Task A_second_attempt_starts_its_steps_again()
    {
        await Workflow.Run(PipelineNames.Feature, Day);
        var failed = await Workflow.Run(PipelineNames.Inference, Day);
        Assert.Equal((RunStatus.Failed, 1), (failed.Status, failed.Steps.Count));
        await Workflow.ImportAndTrain();

        await Workflow.GetRequired<PipelineRunner>().Run(failed.RunId, Cancellation);

        var run = await Workflow.StoredRun(failed.RunId);
        Assert.Equal((RunStatus.Succeeded, 2, 1, 10L), (run.Status, run.Attempts, run.Steps.Count, run.Steps[0].Done));
    }

    [Fact]
    public async Task The_user_who_requested_a_run_is_stored()
    {
        var run = await Workflow.InScope<RunQueue, Run>(queue => queue.Enqueue(new RunParameters(PipelineNames.Feature, "2026-03-01"), RunTrigger.Button, "a user", Cancellation));
        Assert.Equal("a user", (await Workflow.StoredRun(run.RunId)).RequestedBy);

        var scheduled = await Workflow.GetRequired<PipelineRunner>().Queue(new RunRequest(PipelineNames.Feature, Day, RunTrigger.Schedule), null, Cancellation);
        Assert.Null((await Workflow.StoredRun(scheduled.RunId)).RequestedBy);
    }

    private static RunRequest Request => new(PipelineNames.Feature, default, RunTrigger.Api, "rows");
}
