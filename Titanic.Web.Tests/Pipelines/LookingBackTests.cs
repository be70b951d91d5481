using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Training as of a point of the store's history: what was stored, and known, by then.</summary>
public sealed class LookingBackTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
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
    public async Task Training_learns_the_store_as_it_was()
    {
        var first = await Train("1");
        var between = await Train("2");
        var again = await Train("2");

        Assert.Equal((RunStatus.Succeeded, "Nothing new to learn: version 1 was trained on the same 1309 rows with the same settings."), (first.Status, first.Summary));
        Assert.StartsWith("Version 2 learned 1311 rows", between.Summary, StringComparison.Ordinal);
        Assert.StartsWith("Nothing new to learn: version 2", again.Summary, StringComparison.Ordinal);
        Assert.Equal("2 502", await Workflow.Scalar<string>($"select as_of_commit_id || ' ' || survivors from training_datasets where run_id = {between.RunId}"));
    }

    /// <summary>Else the day would count as trained, and its own run would never come.</summary>
    [Fact]
    public async Task A_training_that_looks_back_is_no_days_own_run()
    {
        var run = await Train("1");

        Assert.Equal((null, "1"), (run.LogicalDate, run.AsOf));
    }

    [Fact]
    public async Task A_point_of_history_that_is_none_fails_with_a_sentence()
    {
        var run = await Train("99");

        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.StartsWith("There is no commit 99; commits go from 1", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("training", null, "yesterday", "As of 'yesterday' cannot be read; it must be a commit (17)")]
    [InlineData("training", null, "99", "There is no commit 99; commits go from 1")]
    [InlineData("training", "2026-03-01", "1", "A date and a point of history are given; it must be one of them.")]
    [InlineData("inference", null, "1", "The pipeline inference cannot look back; only training can.")]
    public async Task A_wish_without_sense_is_refused_before_it_is_queued(string pipeline, string? date, string asOf, string problem)
    {
        var refused = await Assert.ThrowsAsync<RunRefusedException>(() =>
            Workflow.In<RunQueue, Run>(queue => queue.Enqueue(new RunParameters(pipeline, date, asOf), RunTrigger.Api, "somebody", Cancellation)));

        Assert.Equal("asOf", refused.Field);
        Assert.StartsWith(problem, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wish_is_queued_and_remembered()
    {
        var run = await Workflow.In<RunQueue, Run>(queue => queue.Enqueue(new RunParameters(PipelineNames.Training, AsOf: " 2 "), RunTrigger.Api, "somebody", Cancellation));

        Assert.Equal((RunStatus.Queued, "2"), ((await Workflow.Stored(run.RunId)).Status, (await Workflow.Stored(run.RunId)).AsOf));
        Assert.Equal(1, await Workflow.Count("access.audit_log", $"what = 'run requested' and subject = 'run {run.RunId}' and details = 'training as of 2'"));
    }

    private static Passenger Anna(bool survived) => new("1", "Anna", 1, Sex.Female, 30, 80, survived);

    private async Task<Run> Train(string asOf)
    {
        var run = await Workflow.The<PipelineRunner>().Run(new RunRequest(PipelineNames.Training, Day, RunTrigger.CommandLine, AsOf: asOf), Cancellation);
        return await Workflow.Stored(run.RunId);
    }
}
