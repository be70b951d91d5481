using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Runs that a request executes concurrently with other runs; the lock of the run shows that it is still running.</summary>
public sealed class ConcurrentRunsTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    [Fact]
    public async Task Records_parameters_and_results_of_a_concurrent_run()
    {
        var returned = await RunConcurrent(async (run, _) =>
        {
            run.SetCount("inserted", 3);
            await run.Log("3 rows.");
            return "3 rows inserted.";
        });

        var run = await Workflow.StoredRun(returned.RunId);
        Assert.Equal((PipelineNames.Feature, null, "three rows", RunTrigger.Api, true), (run.Pipeline, run.LogicalDate, run.Backfill, run.Trigger, run.IsConcurrent));
        Assert.Equal(
            (RunStatus.Succeeded, 1, "3 rows inserted.", IngestionPolicy.Strict), (run.Status, run.Attempts, run.Summary, run.Policy));
        Assert.Equal((3L, Workflow.Now), (run.Counts["inserted"], run.EndedAt));
        Assert.Equal("3 rows.", await Workflow.Scalar<string>($"select message from run_log where run_id = {run.RunId}"));
    }

    [Fact]
    public async Task Concurrent_runs_and_a_daily_run_all_succeed()
    {
        var release = new TaskCompletionSource();
        var first = RunConcurrent(WorkUntil(release.Task));
        var second = RunConcurrent(WorkUntil(release.Task));
        await UntilRunning(2);

        var daily = await Workflow.Run(PipelineNames.Feature, Day);
        var third = await RunConcurrent((_, _) => Task.FromResult("done"));

        Assert.Equal((RunStatus.Succeeded, RunStatus.Succeeded), (daily.Status, third.Status));
        Assert.Equal(2, await Workflow.Count("runs", "status = 'Running'"));
        release.SetResult();
        Assert.All(await Task.WhenAll(first, second), run => Assert.Equal(RunStatus.Succeeded, run.Status));
        Assert.Equal(4, await Workflow.Count("runs", "status = 'Succeeded'"));
    }

    [Fact]
    public async Task The_summary_of_a_skipped_run_does_not_name_a_concurrent_run()
    {
        var release = new TaskCompletionSource();
        await using var pipelineLock = await PipelineLock.TryAcquire(Database.DataSource, PipelineNames.Feature, Cancellation);
        var concurrent = RunConcurrent(WorkUntil(release.Task));
        await UntilRunning(1);

        var skipped = await Workflow.Run(PipelineNames.Feature, Day);
        release.SetResult();

        Assert.Equal((RunStatus.Skipped, "Skipped: another feature run is running."), (skipped.Status, skipped.Summary));
        Assert.Equal(RunStatus.Succeeded, (await concurrent).Status);
    }

    /// <summary>The connection of a killed process ends, which releases the lock of its run.</summary>
    [Fact]
    public async Task Marks_the_run_of_a_killed_process_as_interrupted_but_not_a_running_one()
    {
        var release = new TaskCompletionSource();
        var running = RunConcurrent(WorkUntil(release.Task));
        await UntilRunning(1);
        await using var killed = NpgsqlDataSource.Create(Database.ConnectionString + ";Application Name=killed");
        await using var lost = await PipelineLock.OpenForConcurrentRun(killed, Cancellation);
        var id = await Workflow.Scalar<long>(
            """
            insert into runs (pipeline, backfill, trigger, status, is_beside, attempts, counts, code_version, queued_at, started_at)
            values ('feature', 'an interrupted upload', 'Api', 'Running', true, 1, '{}', 'test', now(), now()) returning run_id
            """);
        await lost.AcquireRunLock(id, Cancellation);
        await RunConcurrent((_, _) => Task.FromResult("done"));
        Assert.Equal(RunStatus.Running, (await Workflow.StoredRun(id)).Status);

        Assert.True(
            await Workflow.Scalar<bool>("select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'killed'"));
        await RunConcurrent((_, _) => Task.FromResult("done"));

        Assert.Equal(
            (RunStatus.Interrupted, "The process or its database connection ended before the run completed. Its data came with a request and are not stored. Send the request again.", Workflow.Now),
            ((await Workflow.StoredRun(id)).Status, (await Workflow.StoredRun(id)).Error, (await Workflow.StoredRun(id)).EndedAt));
        release.SetResult();
        Assert.Equal(RunStatus.Succeeded, (await running).Status);
    }

    [Fact]
    public async Task Records_a_failure_and_returns_its_exception()
    {
        var run = await RunConcurrent((_, _) => throw new InvalidDataException("The rows are invalid."));

        Assert.IsType<InvalidDataException>(run.Failure);
        Assert.Equal((RunStatus.Failed, "The rows are invalid."), ((await Workflow.StoredRun(run.RunId)).Status, (await Workflow.StoredRun(run.RunId)).Error));
    }

    [Fact]
    public async Task Records_a_run_as_cancelled_when_the_client_disconnects()
    {
        using var client = new CancellationTokenSource();
        var running = RunConcurrent(WorkUntil(Task.Delay(Timeout.Infinite, client.Token)), client.Token);
        await UntilRunning(1);

        await client.CancelAsync();
        var run = await Workflow.StoredRun((await running).RunId);

        Assert.Equal(
            (RunStatus.Cancelled, "The client disconnected or the process was stopped before the run completed. Nothing was stored. Send the request again."),
            (run.Status, run.Error));
    }

    [Fact]
    public async Task Throws_when_a_concurrent_run_is_executed_again()
    {
        var run = await RunConcurrent((_, _) => throw new InvalidDataException("The rows are invalid."));

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Workflow.GetRequired<PipelineRunner>().Run(run.RunId, Cancellation));

        Assert.Equal(
            "Run 1 was executed by the request that sent its data and cannot be executed again. Send the request again.", failure.Message);
    }

    /// <summary>
    /// Each run holds a connection and needs another one: without a limit the runs would block each other until they time out.
    /// </summary>
    [Fact]
    public async Task More_concurrent_runs_than_connections_all_succeed()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 120).Select(_ => RunConcurrent(async (_, stop) =>
        {
            await using var connection = await Database.DataSource.OpenConnectionAsync(stop);
            return "done";
        })));

        Assert.All(runs, run => Assert.Equal(RunStatus.Succeeded, run.Status));
    }

    private Task<Run> RunConcurrent(Func<RunContext, CancellationToken, Task<string>> work, CancellationToken? cancellation = null) => Workflow.GetRequired<PipelineRunner>().RunConcurrent(
        new RunRequest(PipelineNames.Feature, Day, RunTrigger.Api, "three rows", IngestionPolicy.Strict), work, cancellation ?? Cancellation);

    private static Func<RunContext, CancellationToken, Task<string>> WorkUntil(Task release) => async (_, _) =>
    {
        await release;
        return "done";
    };

    private Task<TimeSpan> UntilRunning(int runs) => Eventually.True(async () => await Workflow.Count("runs", "status = 'Running'") == runs, $"{runs} runs are running");
}
