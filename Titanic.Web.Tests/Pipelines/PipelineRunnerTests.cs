using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Lifecycle;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

public sealed class PipelineRunnerTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    [Fact]
    public async Task A_run_is_a_record_of_who_asked_for_what_when_and_what_came_of_it()
    {
        var run = await Workflow.Run(PipelineNames.Feature, Day);

        Assert.Equal((PipelineNames.Feature, Day, RunTrigger.CommandLine, RunStatus.Succeeded), (run.Pipeline, run.LogicalDate, run.Trigger, run.Status));
        Assert.Equal((1, null, null), (run.Attempts, run.Error, run.Backfill));
        Assert.Equal((Workflow.Now, Workflow.Now, Workflow.Now), (run.QueuedAt, run.StartedAt!.Value, run.EndedAt!.Value));
        Assert.Equal((10L, 0L, 10L), (run.Counts["inserted"], run.Counts["unchanged"], run.Counts["outcomes"]));
        Assert.StartsWith("Passengers of 2026-03-01: 10 inserted", run.Summary, StringComparison.Ordinal);
        Assert.Equal((Environment.MachineName, CodeVersion.OfThisProcess.Text), (run.Host, run.CodeVersion));
    }

    [Fact]
    public async Task A_failure_is_recorded_with_its_error_and_in_the_log_and_a_retry_goes_on_with_the_record()
    {
        await Workflow.Run(PipelineNames.Feature, Day);
        var failed = await Workflow.Run(PipelineNames.Inference, Day);

        Assert.Equal((RunStatus.Failed, 1), (failed.Status, failed.Attempts));
        Assert.StartsWith("There is no champion model yet.", failed.Error, StringComparison.Ordinal);
        Assert.NotNull(failed.EndedAt);
        var line = await Workflow.Ask(db => db.RunLog.SingleAsync(l => l.RunId == failed.RunId, Cancellation));
        Assert.True(line.IsError);
        Assert.Contains("NoChampionException", line.Message);

        await Workflow.Begin();
        await Workflow.The<PipelineRunner>().Run(failed.RunId, Cancellation);

        var retried = await Workflow.Stored(failed.RunId);
        Assert.Equal((RunStatus.Succeeded, 2, null), (retried.Status, retried.Attempts, retried.Error));
        Assert.Equal("10 passengers predicted by champion version 1.", retried.Summary);
    }

    /// <summary>What the pipeline could not save must not be tried again with the record of its failure.</summary>
    [Fact]
    public async Task A_failure_of_the_database_in_the_middle_of_a_pipeline_is_recorded_too()
    {
        await Workflow.Begin();
        await Workflow.Run(PipelineNames.Feature, Day);
        await Workflow.Execute("alter table predictions add constraint nobody check (passenger_id is null)");

        var run = await Workflow.Run(PipelineNames.Inference, Day);

        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Contains("nobody", (await Workflow.Ask(db => db.RunLog.SingleAsync(l => l.RunId == run.RunId, Cancellation))).Message);
    }

    [Fact]
    public async Task A_run_that_succeeded_is_not_run_again()
    {
        var run = await Workflow.Run(PipelineNames.Feature, Day);

        await Workflow.The<PipelineRunner>().Run(run.RunId, Cancellation);

        Assert.Equal(1, (await Workflow.Stored(run.RunId)).Attempts);
    }

    [Fact]
    public async Task While_one_run_of_a_pipeline_is_under_way_another_is_skipped()
    {
        await using var elsewhere = new TestWorkflow(Database);
        await using var held = await HoldIngestion();
        var first = elsewhere.Run(PipelineNames.Feature, Day);
        await Eventually.True(async () => await Workflow.Count("runs", "status = 'Running'") == 1, "the first run is under way");

        var second = await Workflow.Run(PipelineNames.Feature, Day.AddDays(1));
        var other = await Workflow.Run(PipelineNames.Monitoring, Day);
        await held.DisposeAsync();

        Assert.Equal((RunStatus.Succeeded, RunStatus.Skipped, RunStatus.Succeeded), ((await first).Status, second.Status, other.Status));
        Assert.Equal($"Skipped: feature run {(await first).RunId} is under way.", second.Summary);
        Assert.Equal((0, 10L), (second.Attempts, await Workflow.Count("passengers")));
    }

    /// <summary>A job that is carried twice, because its first worker seemed lost, must not declare the live run over.</summary>
    [Fact]
    public async Task The_record_of_a_run_that_is_under_way_elsewhere_is_left_alone()
    {
        await using var elsewhere = new TestWorkflow(Database);
        await using var held = await HoldIngestion();
        var first = elsewhere.Run(PipelineNames.Feature, Day);
        await Eventually.True(async () => await Workflow.Count("runs", "status = 'Running'") == 1, "the run is under way");
        var id = await Workflow.Scalar<long>("select run_id from runs");

        await Workflow.The<PipelineRunner>().Run(id, Cancellation);

        Assert.Equal((RunStatus.Running, null), ((await Workflow.Stored(id)).Status, (await Workflow.Stored(id)).EndedAt));
        await held.DisposeAsync();
        Assert.Equal((RunStatus.Succeeded, 1), ((await first).Status, (await first).Attempts));
    }

    [Fact]
    public async Task A_run_whose_process_was_lost_is_given_up_by_the_next()
    {
        await Workflow.Execute(
            """
            insert into runs (pipeline, logical_date, trigger, status, attempts, counts, code_version, queued_at, started_at)
            values ('feature', '2026-02-28', 'Schedule', 'Running', 1, '{}', 'test', now(), now()),
                   ('training', '2026-02-28', 'Schedule', 'Running', 1, '{}', 'test', now(), now())
            """);

        await Workflow.Run(PipelineNames.Feature, Day);

        var (lost, other) = (await Workflow.Stored(1), await Workflow.Stored(2));
        Assert.Equal((RunStatus.Failed, "The process, or its connection to the database, ended before the run did.", Workflow.Now), (lost.Status, lost.Error, lost.EndedAt));
        Assert.Equal(RunStatus.Running, other.Status);
    }

    [Fact]
    public async Task A_run_that_is_asked_to_stop_is_cancelled_leaves_nothing_and_can_be_taken_up_again()
    {
        using var stop = new CancellationTokenSource();
        await using var held = await HoldIngestion();
        var running = Workflow.Run(PipelineNames.Feature, Day, cancellation: stop.Token);
        await Eventually.True(async () => await Workflow.Count("pg_locks", "locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())") > 0, "the run waits for its turn to commit");

        await stop.CancelAsync();
        var run = await running;

        Assert.Equal((RunStatus.Cancelled, "The process was asked to stop before the run was done."), (run.Status, run.Error));
        Assert.Equal(0, await Workflow.Count("passengers"));
        await held.DisposeAsync();
        await Workflow.The<PipelineRunner>().Run(run.RunId, Cancellation);
        Assert.Equal((RunStatus.Succeeded, 2), ((await Workflow.Stored(run.RunId)).Status, (await Workflow.Stored(run.RunId)).Attempts));
    }

    [Fact]
    public async Task A_pipeline_that_does_not_exist_fails_and_is_recorded()
    {
        var run = await Workflow.Run("baking", Day);

        Assert.Equal(RunStatus.Failed, run.Status);
    }

    [Fact]
    public async Task What_a_pipeline_writes_names_its_run()
    {
        await Workflow.Begin();
        await Workflow.LiveThrough(Day);

        Assert.Equal(2, await Workflow.Count("commits c join runs r using (run_id)", "r.pipeline = 'feature'"));
        Assert.Equal(2, await Workflow.Count("training_datasets d join runs r using (run_id)", "r.pipeline = 'training'"));
        Assert.Equal(10, await Workflow.Count("predictions a join runs r using (run_id)", "r.pipeline = 'inference' and r.logical_date = a.logical_date"));
        Assert.Equal(0, await Workflow.Count("commits c join runs r using (run_id)", "c.code_version <> r.code_version"));
    }

    /// <summary>As an ingestion of another process would: who wants to commit waits.</summary>
    private async Task<NpgsqlConnection> HoldIngestion()
    {
        var connection = new NpgsqlConnection(Database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var hold = new NpgsqlCommand("select pg_advisory_lock(hashtextextended('titanic_passengers', 0))", connection);
        await hold.ExecuteNonQueryAsync(Cancellation);
        return connection;
    }
}
