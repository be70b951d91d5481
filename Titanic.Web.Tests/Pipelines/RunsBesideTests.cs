using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Runs that their asker carries overlap with everything; whether a run still lives is told by its own lock.</summary>
public sealed class RunsBesideTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    [Fact]
    public async Task A_run_beside_others_has_a_record_of_what_was_sent_and_what_came_of_it()
    {
        var returned = await Beside(async (run, _) =>
        {
            run.Count("inserted", 3);
            await run.Log("Three rows.");
            return "Three rows came.";
        });

        var run = await Workflow.Stored(returned.RunId);
        Assert.Equal((PipelineNames.Feature, null, "three rows", RunTrigger.Api, true), (run.Pipeline, run.LogicalDate, run.Backfill, run.Trigger, run.IsBeside));
        Assert.Equal((RunStatus.Succeeded, 1, "Three rows came.", IngestionPolicy.Strict), (run.Status, run.Attempts, run.Summary, run.Policy));
        Assert.Equal((3L, Workflow.Now), (run.Counts["inserted"], run.EndedAt));
        Assert.Equal("Three rows.", await Workflow.Scalar<string>($"select message from run_log where run_id = {run.RunId}"));
    }

    [Fact]
    public async Task Runs_beside_one_another_and_beside_the_daily_run_all_succeed()
    {
        var goOn = new TaskCompletionSource();
        var first = Beside(Waiting(goOn.Task));
        var second = Beside(Waiting(goOn.Task));
        await Running(2);

        var daily = await Workflow.Run(PipelineNames.Feature, Day);
        var third = await Beside((_, _) => Task.FromResult("done"));

        Assert.Equal((RunStatus.Succeeded, RunStatus.Succeeded), (daily.Status, third.Status));
        Assert.Equal(2, await Workflow.Count("runs", "status = 'Running'"));
        goOn.SetResult();
        Assert.All(await Task.WhenAll(first, second), run => Assert.Equal(RunStatus.Succeeded, run.Status));
        Assert.Equal(4, await Workflow.Count("runs", "status = 'Succeeded'"));
    }

    [Fact]
    public async Task A_skipped_run_names_the_one_that_has_the_turn_and_none_beside_it()
    {
        var goOn = new TaskCompletionSource();
        await using var turn = await PipelineLock.TryAcquire(Database.DataSource, PipelineNames.Feature, Cancellation);
        var beside = Beside(Waiting(goOn.Task));
        await Running(1);

        var skipped = await Workflow.Run(PipelineNames.Feature, Day);
        goOn.SetResult();

        Assert.Equal((RunStatus.Skipped, "Skipped: another feature run is under way."), (skipped.Status, skipped.Summary));
        Assert.Equal(RunStatus.Succeeded, (await beside).Status);
    }

    /// <summary>The connection of a killed process ends, and with it the lock by which its run is known to live.</summary>
    [Fact]
    public async Task A_run_whose_process_was_killed_is_given_up_by_the_next_and_a_living_one_is_not()
    {
        var goOn = new TaskCompletionSource();
        var living = Beside(Waiting(goOn.Task));
        await Running(1);
        await using var killed = NpgsqlDataSource.Create(Database.ConnectionString + ";Application Name=killed");
        await using var lost = await PipelineLock.ForConcurrentRun(killed, Cancellation);
        var id = await Workflow.Scalar<long>(
            """
            insert into runs (pipeline, backfill, trigger, status, is_beside, attempts, counts, code_version, queued_at, started_at)
            values ('feature', 'a torn upload', 'Api', 'Running', true, 1, '{}', 'test', now(), now()) returning run_id
            """);
        await lost.MarkRunning(id, Cancellation);
        await Beside((_, _) => Task.FromResult("done"));
        Assert.Equal(RunStatus.Running, (await Workflow.Stored(id)).Status);

        Assert.True(await Workflow.Scalar<bool>("select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'killed'"));
        await Beside((_, _) => Task.FromResult("done"));

        Assert.Equal(
            (RunStatus.Failed, "The process, or its connection to the database, ended before the run did.", Workflow.Now),
            ((await Workflow.Stored(id)).Status, (await Workflow.Stored(id)).Error, (await Workflow.Stored(id)).EndedAt));
        goOn.SetResult();
        Assert.Equal(RunStatus.Succeeded, (await living).Status);
    }

    [Fact]
    public async Task A_failure_is_recorded_and_handed_to_the_asker()
    {
        var run = await Beside((_, _) => throw new InvalidDataException("The rows are upside down."));

        Assert.IsType<InvalidDataException>(run.Failure);
        Assert.Equal((RunStatus.Failed, "The rows are upside down."), ((await Workflow.Stored(run.RunId)).Status, (await Workflow.Stored(run.RunId)).Error));
    }

    [Fact]
    public async Task A_sender_who_goes_away_leaves_a_cancelled_record()
    {
        using var sender = new CancellationTokenSource();
        var sending = Beside(Waiting(Task.Delay(Timeout.Infinite, sender.Token)), sender.Token);
        await Running(1);

        await sender.CancelAsync();
        var run = await Workflow.Stored((await sending).RunId);

        Assert.Equal(
            (RunStatus.Cancelled, "The sender went away, or the process was asked to stop, before the run was done; nothing of it was stored."),
            (run.Status, run.Error));
    }

    [Fact]
    public async Task What_was_sent_is_gone_so_the_run_cannot_be_taken_up_again()
    {
        var run = await Beside((_, _) => throw new InvalidDataException("The rows are upside down."));

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Workflow.The<PipelineRunner>().Run(run.RunId, Cancellation));

        Assert.Equal("Run 1 read what its asker sent and cannot be run again; send it again.", refused.Message);
    }

    /// <summary>Each holds a connection while it wants another: without a limit they would wait for one another until they time out.</summary>
    [Fact]
    public async Task More_of_them_than_there_are_connections_take_turns()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 120).Select(_ => Beside(async (_, stop) =>
        {
            await using var connection = await Database.DataSource.OpenConnectionAsync(stop);
            return "done";
        })));

        Assert.All(runs, run => Assert.Equal(RunStatus.Succeeded, run.Status));
    }

    private Task<Run> Beside(Func<RunContext, CancellationToken, Task<string>> story, CancellationToken? cancellation = null) => Workflow.The<PipelineRunner>().RunConcurrent(
        new RunRequest(PipelineNames.Feature, Day, RunTrigger.Api, "three rows", IngestionPolicy.Strict), story, cancellation ?? Cancellation);

    private static Func<RunContext, CancellationToken, Task<string>> Waiting(Task goOn) => async (_, _) =>
    {
        await goOn;
        return "done";
    };

    private Task<TimeSpan> Running(int runs) => Eventually.True(async () => await Workflow.Count("runs", "status = 'Running'") == runs, $"{runs} runs are under way");
}
