using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Training as of a commit or time: on the rows that were stored and known by then.</summary>
public sealed class PointInTimeTrainingTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Workflow.Ingest(PassengerSources.Upload, Day.AddDays(-1), Anna(true), Anna(true) with { SourceKey = "2", Name = "Berta" });
        Workflow.Clock.Advance(TimeSpan.FromHours(1));
        await Workflow.Ingest(PassengerSources.Upload, Day.AddDays(-1), Anna(false));
    }

    [Fact]
    public async Task Trains_on_the_rows_as_of_a_commit()
    {
        var first = await Train("1");
        var between = await Train("2");
        var again = await Train("2");

        Assert.Equal((RunStatus.Succeeded, "Nothing to train: version 1 was trained on the same 1,309 rows with the same hyperparameters. "
            + "2 newer rows not used: 2 rows were committed after the as-of commit."), (first.Status, first.Summary));
        Assert.StartsWith("Version 2 was trained on 1,311 rows", between.Summary, StringComparison.Ordinal);
        Assert.StartsWith("Nothing to train: version 2", again.Summary, StringComparison.Ordinal);
        Assert.Equal("2 502", await Workflow.Scalar<string>($"select as_of_commit_id || ' ' || survivors from training_datasets where run_id = {between.RunId}"));
    }

    /// <summary>With a logical date, the day would count as completed and its scheduled run would be omitted.</summary>
    [Fact]
    public async Task A_run_as_of_a_commit_has_no_logical_date()
    {
        var run = await Train("1");

        Assert.Equal((null, "1"), (run.LogicalDate, run.AsOf));
    }

    [Fact]
    public async Task Fails_for_an_unknown_commit()
    {
        var run = await Train("99");

        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.StartsWith("There is no commit 99; commits go from 1", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("training", null, "yesterday", "The point in time is \"yesterday\"; it must be a commit such as 17")]
    [InlineData("training", null, "99", "There is no commit 99; commits go from 1")]
    [InlineData("training", "2026-03-01", "1", "Both date and asOf are given; there must be only one of them.")]
    [InlineData("inference", null, "1", "The inference pipeline takes no asOf; only training does.")]
    public async Task Rejects_an_invalid_request_before_it_is_queued(string pipeline, string? date, string asOf, string problem)
    {
        var rejected = await Assert.ThrowsAsync<RunRejectedException>(() =>
            Workflow.InScope<RunQueue, Run>(queue => queue.Enqueue(new RunParameters(pipeline, date, asOf), RunTrigger.Api, "a user", Cancellation)));

        Assert.Equal("asOf", rejected.Field);
        Assert.StartsWith(problem, rejected.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Queues_a_valid_request_and_writes_the_audit_log()
    {
        var run = await Workflow.InScope<RunQueue, Run>(queue => queue.Enqueue(new RunParameters(PipelineNames.Training, AsOf: " 2 "), RunTrigger.Api, "a user", Cancellation));

        Assert.Equal((RunStatus.Queued, "2"), ((await Workflow.StoredRun(run.RunId)).Status, (await Workflow.StoredRun(run.RunId)).AsOf));
        Assert.Equal(1, await Workflow.Count("access.audit_log", $"what = 'run requested' and subject = 'run {run.RunId}' and details = 'training as of 2'"));
    }

    private static Passenger Anna(bool survived) => new("1", "Anna", 1, Sex.Female, 30, 80, survived);

    private async Task<Run> Train(string asOf)
    {
        var run = await Workflow.GetRequired<PipelineRunner>().Run(new RunRequest(PipelineNames.Training, Day, RunTrigger.CommandLine, AsOf: asOf), Cancellation);
        return await Workflow.StoredRun(run.RunId);
    }
}
