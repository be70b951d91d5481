using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

public sealed class BootstrapTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private const string ArtifactDigestsSql = "select string_agg(version || ' ' || artifact_sha256, ', ' order by version) from model_versions";

    private protected override TestWorkflow NewWorkflow(TestDatabase database) => NewProcess();

    [Fact]
    public async Task Concurrent_processes_complete_the_first_start_once()
    {
        await using var other = NewProcess();

        await Task.WhenAll(Complete(Workflow), Complete(other));
        await Complete(Workflow);

        var progress = await Progress();
        Assert.Equal((4, 4, "Set up", null), (progress.StepsDone, progress.StepsTotal, progress.Step, progress.Error));
        Assert.NotNull(progress.FinishedAt);
        Assert.Equal(10, await Workflow.Count("runs", "status = 'Succeeded'"));
        Assert.Equal(10, await Workflow.Count("runs"));
        Assert.Equal((1L, 20L, 3L), (await Workflow.Count("commits", "source = 'titanic3'"), await Workflow.Count("predictions"), await Workflow.Count("model_versions")));
        Assert.Equal(["2026-02-28", "2026-03-01"], await Workflow.Scalar<string[]>("select array_agg(distinct logical_date::text order by logical_date::text) from predictions"));
    }

    [Fact]
    public async Task Resumes_an_interrupted_first_start()
    {
        using var stop = new CancellationTokenSource();
        await using (var registryLock = await LockRegistry())
        {
            var first = Workflow.GetRequired<Bootstrap>().Complete(stop.Token);
            await Eventually.True(async () => await Workflow.Count("setup_progress", "step like 'Training%'") == 1 && await HasLockWaiter(), "the first model is being registered");
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        }
        Assert.Null((await Progress()).FinishedAt);

        await using var next = NewProcess();
        await Complete(next);

        await using var database = await Postgres.CreateDatabase();
        await using var uninterrupted = new TestWorkflow(database, Workflow.Clock, Settings);
        await Complete(uninterrupted);
        Assert.NotNull((await Progress()).FinishedAt);
        Assert.Equal(await uninterrupted.Scalar<string>(ArtifactDigestsSql), await Workflow.Scalar<string>(ArtifactDigestsSql));
        Assert.Equal(20, await Workflow.Count("predictions", "is_live"));
        Assert.Equal(1, await Workflow.Count("runs", "status = 'Interrupted'"));
    }

    [Fact]
    public async Task Stores_the_error_of_a_failed_first_start_and_resumes_it()
    {
        await using (var misconfigured = NewProcess(("Bootstrap:Dataset", "/no/such/list.csv")))
            await Complete(misconfigured);
        var progress = await Progress();
        Assert.Null(progress.FinishedAt);
        Assert.Contains("/no/such/list.csv", progress.Error);

        await Complete(Workflow);

        Assert.Equal((null, 4), ((await Progress()).Error, (await Progress()).StepsDone));
        Assert.NotNull((await Progress()).FinishedAt);
    }

    [Fact]
    public async Task Does_nothing_without_a_dataset_and_without_days()
    {
        await using var empty = NewProcess(("Bootstrap:Dataset", "none"), ("Bootstrap:SimulateDays", "0"));

        await Complete(empty);

        Assert.NotNull((await Progress()).FinishedAt);
        Assert.Equal(0, await Workflow.Count("runs"));
    }

    private static (string, string)[] Settings => [("Bootstrap:SimulateDays", "2"), ("Training:CrossValidation:Repeats", "1")];

    private TestWorkflow NewProcess(params (string, string)[] settings) => new(Database, TestClock.CreateAt(TestWorkflow.FirstDay), [.. Settings, .. settings]);

    private static Task Complete(TestWorkflow workflow) => workflow.GetRequired<Bootstrap>().Complete(Cancellation);

    private Task<SetupProgress> Progress() => Workflow.Query(db => db.SetupProgress.SingleAsync(Cancellation));

    private async Task<bool> HasLockWaiter() => await Workflow.Count(
        "pg_locks", "locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())") > 0;

    private async Task<NpgsqlConnection> LockRegistry()
    {
        var connection = new NpgsqlConnection(Database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand("select pg_advisory_lock(hashtextextended('titanic_registry', 0))", connection);
        await command.ExecuteNonQueryAsync(Cancellation);
        return connection;
    }
}
