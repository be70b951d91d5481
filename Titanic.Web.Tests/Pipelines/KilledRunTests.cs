using Hangfire;
using Npgsql;
using Titanic.Web.Pipelines;
using Titanic.Web.Tests.Hosting;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>
/// Workers as separate processes that end during a feature run, which a trigger holds at its commit: another worker continues the run, and its
/// effect is stored once.
/// </summary>
public sealed class KilledRunTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private const long HoldingLockKey = 1912;

    /// <summary>SQL: locks of all databases of the server are in one view.</summary>
    private const string ThisDatabase = "(select oid from pg_database where datname = current_database())";

    private static readonly DateOnly _today = DateOnly.FromDateTime(DateTime.UtcNow);

    private NpgsqlConnection? _holder;

    private protected override Task<TestDatabase> NewDatabase(TestPostgres postgres) => new ModelSite(postgres).CreateDatabase();

    private protected override TestWorkflow NewWorkflow(TestDatabase database) => new(database, TestClock.CreateAt(_today));

    public override async ValueTask DisposeAsync()
    {
        if (_holder is not null)
            await _holder.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Another_worker_continues_a_run_whose_worker_was_killed_and_only_then()
    {
        await HoldCommits("true");
        var id = await Request();
        using var first = Worker();
        await UntilHeld();
        using var second = Worker();
        await Eventually.True(() => second.Output.Any(line => line.Contains("Processing the queues")), "the second worker processes jobs");

        // The job is delivered to the second worker although the first one executes it.
        await Workflow.Execute("update hangfire.jobqueue set fetchedat = null");
        await Eventually.True(() => Workflow.Scalar<bool>("select bool_or(statename = 'Scheduled') from hangfire.job"), "the second worker has rejected the job");
        Assert.Equal((RunStatus.Running, 1), await StatusAndAttempts(id));
        first.Kill();
        await Eventually.True(async () => await StatusAndAttempts(id) is not (RunStatus.Running, 1), "the run is not shown as running");
        await Release();

        await AssertCompletedOnce(id, attempts: 2, interruptions: 1);
    }

    [Fact]
    public async Task A_run_continues_after_its_process_was_stopped()
    {
        await HoldCommits("true");
        var id = await Request();
        using (var worker = Worker())
        {
            await UntilHeld();
            Assert.Equal(0, await worker.Stop());
        }
        Assert.Equal((RunStatus.Interrupted, 1), await StatusAndAttempts(id));
        Assert.Equal("The process was stopped before the run completed.", (await Workflow.StoredRun(id)).Error);
        await Release();

        using var next = Worker();
        await AssertCompletedOnce(id, attempts: 2, interruptions: 0);
    }

    [Fact]
    public async Task A_run_that_ended_its_process_three_times_is_not_started_again()
    {
        await HoldCommits("true");
        var id = await Request();
        for (var attempt = 1; attempt <= InterruptedRuns.Limit; attempt++)
        {
            using var worker = Worker();
            var attempts = attempt;
            await Eventually.True(async () => await StatusAndAttempts(id) == (RunStatus.Running, attempts), $"attempt {attempts} is running");
            await UntilHeld();
            worker.Kill();
            await EndHeldStatements();
            await UntilLocksAreFree();
        }

        using var last = Worker();
        await Eventually.True(async () => (await Workflow.StoredRun(id)).Status == RunStatus.Failed, "the run is quarantined");
        await Release();
        var again = await Workflow.InScope<RunQueue, Run>(async queue => await queue.EnqueueAgain(await Workflow.StoredRun(id), RunTrigger.Button, "an operator", Cancellation));
        await AssertCompletedOnce(again.RunId, attempts: 1, interruptions: 0);

        var run = await Workflow.StoredRun(id);
        Assert.Equal(
            (RunStatus.Failed, 3, "The process or its database connection ended 3 times during this run; it is not started again automatically."), (run.Status, run.Attempts, run.Error));
    }

    [Fact]
    public async Task A_catch_up_goes_on_with_the_remaining_days()
    {
        await Workflow.Run(PipelineNames.Feature, _today.AddDays(-3));
        await HoldCommits("(select count(*) from commits) > 3"); // the list and two days; then the second missed day
        Workflow.GetRequired<IBackgroundJobClient>().Enqueue<PipelineJobs>("features", job => job.RunOwedDays(PipelineNames.Feature, null, CancellationToken.None));
        using (var worker = Worker())
        {
            await UntilHeld();
            worker.Kill();
        }
        await Release();
        await UntilLocksAreFree();

        using var next = Worker();
        await Eventually.True(
            async () => await Workflow.Count("runs", $"pipeline = 'feature' and trigger = 'Schedule' and status = 'Succeeded' and logical_date > '{_today.AddDays(-3):yyyy-MM-dd}'") == 3,
            "the remaining days are run");

        Assert.Equal(3, await Workflow.Count("runs", "trigger = 'Schedule' and logical_date is not null"));
        Assert.Equal(40, await Workflow.Count("passengers", "source = 'synthetic' and superseded_by is null"));
    }

    [Fact]
    public async Task A_range_goes_on_with_the_remaining_dates()
    {
        await HoldCommits("(select count(*) from commits) > 2"); // the list and a date; then the second date
        await Workflow.InScope<RunRanges, IReadOnlyList<PlannedRun>>(ranges => ranges.Enqueue(
            new RunRange(_today.AddDays(-3), _today, [PipelineNames.Feature], OnlyMissing: false), RunTrigger.Button, "a user", Cancellation));
        using (var worker = Worker())
        {
            await UntilHeld();
            worker.Kill();
        }
        await Release();
        await UntilLocksAreFree();

        using var next = Worker();
        await Eventually.True(async () => await Workflow.Count("runs", "trigger = 'Button' and status = 'Succeeded'") == 4, "all dates are run");

        Assert.Equal("1 2 1 1", await Workflow.Scalar<string>("select string_agg(attempts::text, ' ' order by logical_date) from runs where trigger = 'Button'"));
        Assert.Equal(40, await Workflow.Count("passengers", "source = 'synthetic' and superseded_by is null"));
    }

    private async Task<long> Request() => (await Workflow.InScope<RunQueue, Run>(
        queue => queue.Enqueue(new RunParameters(PipelineNames.Feature), RunTrigger.Button, "a user", Cancellation))).RunId;

    private async Task<(RunStatus Status, int Attempts)> StatusAndAttempts(long id)
    {
        var run = await Workflow.StoredRun(id);
        return (run.Status, run.Attempts);
    }

    private async Task AssertCompletedOnce(long id, int attempts, int interruptions)
    {
        await Eventually.True(async () => (await Workflow.StoredRun(id)).Status == RunStatus.Succeeded, "the run is complete");
        var run = await Workflow.StoredRun(id);
        Assert.Equal((attempts, interruptions, null), (run.Attempts, run.Interruptions, run.Error));
        Assert.Equal(1, await Workflow.Count("commits", "source = 'synthetic'"));
        Assert.Equal(10, await Workflow.Count("passengers", "source = 'synthetic' and superseded_by is null"));
    }

    /// <summary>Holds every commit of rows that satisfies the condition, on a machine of any speed.</summary>
    private async Task HoldCommits(string condition)
    {
        await Workflow.Execute(
            $"""
            create function hold() returns trigger language plpgsql as $$ begin
                if {condition} then perform pg_advisory_xact_lock({HoldingLockKey}); end if; return null; end $$;
            create constraint trigger hold after insert on commits deferrable initially deferred for each row execute function hold()
            """);
        _holder = await Database.DataSource.OpenConnectionAsync(Cancellation);
        await using var command = new NpgsqlCommand($"select pg_advisory_lock({HoldingLockKey})", _holder);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private Task<TimeSpan> UntilHeld() => Eventually.True(
        () => Workflow.Scalar<bool>($"select count(*) = 1 from pg_locks where locktype = 'advisory' and not granted and objid = {HoldingLockKey} and database = {ThisDatabase}"), "the run is held");

    /// <summary>A statement that waits for a lock does not notice the end of its client.</summary>
    private Task EndHeldStatements() =>
        Workflow.Execute($"select pg_terminate_backend(pid, 10000) from pg_locks where locktype = 'advisory' and not granted and objid = {HoldingLockKey} and database = {ThisDatabase}");

    /// <summary>The first repair of the next worker then finds the interrupted run; it would have to wait for the second one.</summary>
    private Task<TimeSpan> UntilLocksAreFree() => Eventually.True(
        () => Workflow.Scalar<bool>(
            $"select not exists (select from pg_locks where locktype = 'advisory' and objid <> {HoldingLockKey} and database = {ThisDatabase})"),
        "the killed process has no lock");

    private async Task Release()
    {
        await using var command = new NpgsqlCommand($"select pg_advisory_unlock({HoldingLockKey})", _holder);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    /// <summary>Without a time limit of statements: a commit is held while other processes start, which can take longer.</summary>
    private ProductProcess Worker() => ProductProcess.StartOn(
        Database,
        [("ConnectionStrings__Titanic", $"{Database.ConnectionString};Command Timeout=0"), .. PipelineNames.All.Select(pipeline => ($"Schedule__{pipeline}", TitanicSite.Schedule))],
        "serve", "--roles", "features", "--urls", $"http://127.0.0.1:{ProductProcess.FreePort()}");
}
