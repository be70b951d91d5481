using Npgsql;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

public sealed class PipelineLockTests(TestPostgres postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_process_at_a_time_holds_the_lock_of_a_pipeline()
    {
        await using var database = await postgres.CreateDatabase();
        await using var otherProcess = NpgsqlDataSource.Create(database.ConnectionString);
        await using var first = await PipelineLock.TryAcquire(database.DataSource, "feature", Cancellation);

        await using var second = await PipelineLock.TryAcquire(otherProcess, "feature", Cancellation);
        await using var otherPipeline = await PipelineLock.TryAcquire(otherProcess, "training", Cancellation);

        Assert.NotNull(first);
        Assert.Null(second);
        Assert.NotNull(otherPipeline);
    }

    [Fact]
    public async Task A_released_lock_is_available_to_another_process_at_once()
    {
        await using var database = await postgres.CreateDatabase();
        await using var otherProcess = NpgsqlDataSource.Create(database.ConnectionString);
        await (await PipelineLock.TryAcquire(database.DataSource, "feature", Cancellation))!.DisposeAsync();

        await using var next = await PipelineLock.TryAcquire(otherProcess, "feature", Cancellation);

        Assert.NotNull(next);
    }

    [Fact]
    public async Task A_waiting_process_acquires_the_lock_when_it_is_released()
    {
        await using var database = await postgres.CreateDatabase();
        await using var otherProcess = NpgsqlDataSource.Create(database.ConnectionString);
        var first = await PipelineLock.Acquire(database.DataSource, "bootstrap", Cancellation);
        var second = PipelineLock.Acquire(otherProcess, "bootstrap", Cancellation);
        await Eventually.True(() => HasLockWaiter(database), "the second process waits for the lock");

        await first.DisposeAsync();

        await using var acquired = await second.WaitAsync(Eventually.Timeout, Cancellation);
    }

    [Fact]
    public async Task A_lock_ends_with_the_connection_of_a_killed_process()
    {
        await using var database = await postgres.CreateDatabase();
        await using var otherProcess = NpgsqlDataSource.Create(database.ConnectionString);
        await using var lost = await PipelineLock.TryAcquire(database.DataSource, "feature", Cancellation);
        await using (var kill = otherProcess.CreateCommand(
            "select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"))
            Assert.True((bool)(await kill.ExecuteScalarAsync(Cancellation))!);

        await using var next = await PipelineLock.TryAcquire(otherProcess, "feature", Cancellation);

        Assert.NotNull(next);
    }

    private static async Task<bool> HasLockWaiter(TestDatabase database)
    {
        await using var command = database.DataSource.CreateCommand(
            "select exists (select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database()))");
        return (bool)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
