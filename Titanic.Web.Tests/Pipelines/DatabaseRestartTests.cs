using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Titanic.Web.FeatureStore;
using Titanic.Web.Pipelines;
using Titanic.Web.Tests.Hosting.EmbeddedPostgres;
using Titanic.Web.Tests.Passengers;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>A real database server that is stopped during a large backfill, and started again or not.</summary>
public sealed class DatabaseRestartTests(DatasetWebServer lists) : IClassFixture<DatasetWebServer>, IAsyncLifetime
{
    private const int Rows = 20_000;
    private const string ConnectionLostMessage = "The database connection was lost during the run. Nothing was stored. Run it again.";
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    private TestServer _server = null!;
    private TestDatabase _database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.Start();
        _database = await _server.CreateDatabase("template0");
        await using (var context = _database.NewContext())
            await context.Database.MigrateAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _database.ClearConnectionPools();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(RunTrigger.CommandLine, RunStatus.Failed, ConnectionLostMessage, 0)]
    [InlineData(RunTrigger.Api, RunStatus.Interrupted, "The database connection was lost during the run. It continues by itself.", 1)]
    public async Task A_backfill_ends_when_the_connection_is_lost_and_succeeds_when_repeated(RunTrigger trigger, RunStatus status, string error, int interruptions)
    {
        await using var workflow = new TestWorkflow(_database, new RealTimerTimeProvider(), ("Passengers:AllowPrivateAddresses", "true"));
        var running = workflow.GetRequired<PipelineRunner>().Run(Backfill with { Trigger = trigger }, Cancellation);
        await UntilRowsAreCopied(workflow);

        await _server.Stop();
        await _server.Restart();
        lists.Resume();
        var failed = await workflow.StoredRun((await running).RunId);

        Assert.Equal((status, error, 1, interruptions), (failed.Status, failed.Error, failed.Attempts, failed.Interruptions));
        Assert.NotNull(failed.EndedAt);
        Assert.Equal(1, await workflow.Count("run_log", "is_error and message like 'Npgsql.%Exception%'"));
        Assert.Equal((0L, 0L, 0L), (await workflow.Count("commits"), await workflow.Count("passengers"), await workflow.Count("validation_reports")));

        var retried = await workflow.GetRequired<PipelineRunner>().Run(failed.RunId, Cancellation);

        Assert.Equal((RunStatus.Succeeded, 2, null), (retried.Status, retried.Attempts, retried.Error));
        Assert.Equal(Rows, await workflow.Count("passengers"));
    }

    [Fact]
    public async Task A_record_that_cannot_be_saved_is_marked_as_interrupted_by_the_next_run()
    {
        var clock = new AutoAdvancingTimeProvider();
        await using var workflow = new TestWorkflow(_database, clock, ("Passengers:AllowPrivateAddresses", "true"));
        var running = workflow.GetRequired<PipelineRunner>().Run(Backfill, Cancellation);
        await UntilRowsAreCopied(workflow);

        await _server.Stop();
        lists.Resume();
        var failed = await running;

        Assert.Equal((RunStatus.Failed, ConnectionLostMessage), (failed.Status, failed.Error));
        Assert.InRange(clock.GetUtcNow() - clock.Start, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1));
        await _server.Restart();
        Assert.Equal(RunStatus.Running, (await workflow.StoredRun(failed.RunId)).Status);
        await workflow.Run(PipelineNames.Feature, Day);
        var interrupted = await workflow.StoredRun(failed.RunId);
        Assert.Equal(
            (RunStatus.Interrupted, "The process or its database connection ended before the run completed. Run it again."), (interrupted.Status, interrupted.Error));
    }

    private RunRequest Backfill => new(PipelineNames.Feature, Day, RunTrigger.CommandLine, lists.StalledOnceUrl(Rows));

    private static Task<TimeSpan> UntilRowsAreCopied(TestWorkflow workflow) =>
        Eventually.True(async () => await workflow.Count("pg_stat_progress_copy", "tuples_processed > 1000") == 1, "rows of the list are being copied");

    /// <summary>A clock that stands still, with timers that run in real time.</summary>
    private sealed class RealTimerTimeProvider() : FakeTimeProvider(FeatureReader.StartOf(Day))
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime, period);
    }

    /// <summary>
    /// A clock that advances at once by every timer shorter than a minute; longer timers are timeouts and do not advance it.
    /// </summary>
    private sealed class AutoAdvancingTimeProvider() : FakeTimeProvider(FeatureReader.StartOf(Day))
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime < TimeSpan.FromMinutes(1))
                _ = Task.Run(() => Advance(dueTime));
            return timer;
        }
    }
}
