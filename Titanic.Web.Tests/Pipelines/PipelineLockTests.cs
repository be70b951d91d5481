using Npgsql;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

public sealed class PipelineLockTests(TestPostgres postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_process_holds_a_pipelines_turn_and_others_may_hold_those_of_other_pipelines()
    {
        await using var database = await postgres.CreateDatabase();
        await using var elsewhere = NpgsqlDataSource.Create(database.ConnectionString);
        await using var turn = await PipelineLock.TryAcquire(database.DataSource, "feature", Cancellation);

        await using var same = await PipelineLock.TryAcquire(elsewhere, "feature", Cancellation);
        await using var other = await PipelineLock.TryAcquire(elsewhere, "training", Cancellation);

        Assert.NotNull(turn);
        Assert.Null(same);
        Assert.NotNull(other);
    }

    [Fact]
    public async Task A_turn_that_was_given_back_is_free_at_once_for_another_process()
    {
        await using var database = await postgres.CreateDatabase();
        await using var elsewhere = NpgsqlDataSource.Create(database.ConnectionString);
        await (await PipelineLock.TryAcquire(database.DataSource, "feature", Cancellation))!.DisposeAsync();

        await using var next = await PipelineLock.TryAcquire(elsewhere, "feature", Cancellation);

        Assert.NotNull(next);
    }

    [Fact]
    public async Task Who_waits_gets_the_turn_when_it_is_given_back()
    {
        await using var database = await postgres.CreateDatabase();
        await using var elsewhere = NpgsqlDataSource.Create(database.ConnectionString);
        var first = await PipelineLock.Acquire(database.DataSource, "bootstrap", Cancellation);
        var second = PipelineLock.Acquire(elsewhere, "bootstrap", Cancellation);
        await Eventually.True(() => IsAnybodyWaiting(database), "the second process waits for the lock");

        await first.DisposeAsync();

        await using var turn = await second.WaitAsync(Eventually.Patience, Cancellation);
    }

    [Fact]
    public async Task A_turn_ends_with_the_connection_of_a_killed_process()
    {
        await using var database = await postgres.CreateDatabase();
        await using var elsewhere = NpgsqlDataSource.Create(database.ConnectionString);
        await using var lost = await PipelineLock.TryAcquire(database.DataSource, "feature", Cancellation);
        await using (var kill = elsewhere.CreateCommand(
            "select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"))
            Assert.True((bool)(await kill.ExecuteScalarAsync(Cancellation))!);

        await using var next = await PipelineLock.TryAcquire(elsewhere, "feature", Cancellation);

        Assert.NotNull(next);
    }

    private static async Task<bool> IsAnybodyWaiting(TestDatabase database)
    {
        await using var ask = database.DataSource.CreateCommand(
            "select exists (select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database()))");
        return (bool)(await ask.ExecuteScalarAsync(Cancellation))!;
    }
}
