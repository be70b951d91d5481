using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Lifecycle;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

public sealed class PipelineRunnerTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    [Fact]
    public async Task Records_parameters_times_and_results_of_a_run()
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
    public async Task Records_and_logs_a_failure_and_a_retry_continues_the_record()
    {
        await Workflow.Run(PipelineNames.Feature, Day);
        var failed = await Workflow.Run(PipelineNames.Inference, Day);

        Assert.Equal((RunStatus.Failed, 1), (failed.Status, failed.Attempts));
        Assert.StartsWith("There is no champion model yet.", failed.Error, StringComparison.Ordinal);
        Assert.NotNull(failed.EndedAt);
        var line = await Workflow.Query(db => db.RunLog.SingleAsync(l => l.RunId == failed.RunId, Cancellation));
        Assert.True(line.IsError);
        Assert.Contains("NoChampionException", line.Message);

        await Workflow.ImportAndTrain();
        await Workflow.GetRequired<PipelineRunner>().Run(failed.RunId, Cancellation);

        var retried = await Workflow.StoredRun(failed.RunId);
        Assert.Equal((RunStatus.Succeeded, 2, null), (retried.Status, retried.Attempts, retried.Error));
        Assert.Equal("10 passengers predicted by champion version 1.", retried.Summary);
    }

    /// <summary>The entities that the pipeline failed to save must not be saved again with the run record.</summary>
    [Fact]
    public async Task Records_a_database_error_of_a_pipeline()
    {
        await Workflow.ImportAndTrain();
        await Workflow.Run(PipelineNames.Feature, Day);
        await Workflow.Execute("alter table predictions add constraint no_passengers check (passenger_id is null)");

        var run = await Workflow.Run(PipelineNames.Inference, Day);

        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Contains(
            "no_passengers", (await Workflow.Query(db => db.RunLog.SingleAsync(l => l.RunId == run.RunId, Cancellation))).Message);
    }

    [Fact]
    public async Task Does_not_execute_a_succeeded_run_again()
    {
        var run = await Workflow.Run(PipelineNames.Feature, Day);

        await Workflow.GetRequired<PipelineRunner>().Run(run.RunId, Cancellation);

        Assert.Equal(1, (await Workflow.StoredRun(run.RunId)).Attempts);
    }

    [Fact]
    public async Task Skips_a_run_while_another_run_of_the_pipeline_is_running()
    {
        await using var otherProcess = new TestWorkflow(Database);
        await using var ingestionLock = await LockIngestion();
        var first = otherProcess.Run(PipelineNames.Feature, Day);
        await Eventually.True(async () => await Workflow.Count("runs", "status = 'Running'") == 1, "the first run is running");

        var second = await Workflow.Run(PipelineNames.Feature, Day.AddDays(1));
        var other = await Workflow.Run(PipelineNames.Monitoring, Day);
        await ingestionLock.DisposeAsync();

        Assert.Equal((RunStatus.Succeeded, RunStatus.Skipped, RunStatus.Succeeded), ((await first).Status, second.Status, other.Status));
        Assert.Equal($"Skipped: feature run {(await first).RunId} is running.", second.Summary);
        Assert.Equal((0, 10L), (second.Attempts, await Workflow.Count("passengers")));
    }

    /// <summary>
    /// Hangfire can execute a job twice when it considers the first worker lost. The second must not end the record of the running run.
    /// </summary>
    [Fact]
    public async Task Does_not_change_the_record_of_a_run_in_another_process()
    {
        await using var otherProcess = new TestWorkflow(Database);
        await using var ingestionLock = await LockIngestion();
        var first = otherProcess.Run(PipelineNames.Feature, Day);
        await Eventually.True(async () => await Workflow.Count("runs", "status = 'Running'") == 1, "the run is running");
        var id = await Workflow.Scalar<long>("select run_id from runs");

        await Workflow.GetRequired<PipelineRunner>().Run(id, Cancellation);

        Assert.Equal((RunStatus.Running, null), ((await Workflow.StoredRun(id)).Status, (await Workflow.StoredRun(id)).EndedAt));
        await ingestionLock.DisposeAsync();
        Assert.Equal((RunStatus.Succeeded, 1), ((await first).Status, (await first).Attempts));
    }

    [Fact]
    public async Task Marks_a_run_of_an_ended_process_of_the_same_pipeline_as_interrupted()
    {
        await Workflow.Execute(
            """
            insert into runs (pipeline, logical_date, trigger, status, attempts, counts, code_version, queued_at, started_at)
            values ('feature', '2026-02-28', 'Schedule', 'Running', 1, '{}', 'test', now(), now()),
                   ('training', '2026-02-28', 'Schedule', 'Running', 1, '{}', 'test', now(), now())
            """);

        await Workflow.Run(PipelineNames.Feature, Day);

        var (ended, other) = (await Workflow.StoredRun(1), await Workflow.StoredRun(2));
        Assert.Equal(
            (RunStatus.Interrupted, "The process or its database connection ended before the run completed. It continues by itself.", Workflow.Now, 1),
            (ended.Status, ended.Error, ended.EndedAt, ended.Interruptions));
        Assert.Equal(RunStatus.Running, other.Status);
    }

    [Fact]
    public async Task A_stopped_run_is_interrupted_stores_nothing_and_can_be_continued()
    {
        using var stop = new CancellationTokenSource();
        await using var ingestionLock = await LockIngestion();
        var running = Workflow.Run(PipelineNames.Feature, Day, cancellation: stop.Token);
        await Eventually.True(async () => await Workflow.Count("pg_locks", "locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())") > 0, "the run waits for the ingestion lock");

        await stop.CancelAsync();
        var run = await running;

        Assert.Equal((RunStatus.Interrupted, "The process was stopped before the run completed.", 0), (run.Status, run.Error, run.Interruptions));
        Assert.Equal(0, await Workflow.Count("passengers"));
        await ingestionLock.DisposeAsync();
        await Workflow.GetRequired<PipelineRunner>().Run(run.RunId, Cancellation);
        Assert.Equal(
            (RunStatus.Succeeded, 2), ((await Workflow.StoredRun(run.RunId)).Status, (await Workflow.StoredRun(run.RunId)).Attempts));
    }

    [Fact]
    public async Task Does_not_execute_a_run_that_another_process_has_executed_since_it_was_requested()
    {
        await using var otherProcess = new TestWorkflow(Database);
        var id = (await Workflow.GetRequired<PipelineRunner>().Queue(new RunRequest(PipelineNames.Feature, Day, RunTrigger.Api), null, Cancellation)).RunId;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker =>
            (worker % 2 == 0 ? Workflow : otherProcess).GetRequired<PipelineRunner>().Run(id, Cancellation, skipsIfBusy: false)));

        Assert.Equal((RunStatus.Succeeded, 1), ((await Workflow.StoredRun(id)).Status, (await Workflow.StoredRun(id)).Attempts));
        Assert.Equal(1, await Workflow.Count("commits"));
    }

    /// <summary>PostgreSQL has released its locks, so another process may have started the run again.</summary>
    [Fact]
    public async Task A_run_whose_lock_is_lost_ends_and_does_not_change_the_record_of_the_next_attempt()
    {
        await using var ingestionLock = await LockIngestion();
        var running = Workflow.Run(PipelineNames.Feature, Day);
        await Eventually.True(
            () => Workflow.Scalar<bool>("select exists (select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database()))"),
            "the run waits for the ingestion lock");
        await Workflow.Execute("update runs set attempts = 2"); // as another process does

        Assert.True(await Workflow.Scalar<bool>(
            "select bool_and(pg_terminate_backend(pid, 10000)) from pg_stat_activity where datname = current_database() and query like 'select pg_advisory_lock(hashtextextended(''run ''%'"));
        await running;

        var run = await Workflow.StoredRun(1);
        Assert.Equal((RunStatus.Running, 2, null), (run.Status, run.Attempts, run.EndedAt));
        Assert.Equal(0, await Workflow.Count("passengers"));
    }

    [Fact]
    public async Task Records_a_run_of_an_unknown_pipeline_as_failed()
    {
        var run = await Workflow.Run("baking", Day);

        Assert.Equal(RunStatus.Failed, run.Status);
    }

    [Fact]
    public async Task Rows_written_by_a_pipeline_reference_its_run()
    {
        await Workflow.ImportAndTrain();
        await Workflow.SimulateDay(Day);

        Assert.Equal(2, await Workflow.Count("commits c join runs r using (run_id)", "r.pipeline = 'feature'"));
        Assert.Equal(2, await Workflow.Count("training_datasets d join runs r using (run_id)", "r.pipeline = 'training'"));
        Assert.Equal(10, await Workflow.Count("predictions a join runs r using (run_id)", "r.pipeline = 'inference' and r.logical_date = a.logical_date"));
        Assert.Equal(0, await Workflow.Count("commits c join runs r using (run_id)", "c.code_version <> r.code_version"));
    }

    /// <summary>Takes the ingestion lock, as an ingestion of another process does: other ingestions wait for it.</summary>
    private async Task<NpgsqlConnection> LockIngestion()
    {
        var connection = new NpgsqlConnection(Database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand("select pg_advisory_lock(hashtextextended('titanic_passengers', 0))", connection);
        await command.ExecuteNonQueryAsync(Cancellation);
        return connection;
    }
}
