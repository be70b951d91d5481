using Npgsql;
using Titanic.Web.Pipelines;
using Titanic.Web.Tests.Hosting;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>
/// The product as a separate process, killed with SIGKILL after the last statement of a registration, when earlier partial commits would be
/// visible, and while the registration commits.
/// </summary>
public sealed class KilledRegistrationTests(TestPostgres postgres)
{
    private const long BlockingLockKey = 1912;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_registration_stores_no_partial_version_and_skips_no_number()
    {
        await using var database = await postgres.CreateDatabase();
        await using (var workflow = new TestWorkflow(database))
            await workflow.Run(PipelineNames.Feature, TestWorkflow.FirstDay, RunRequest.BundledDataset);
        await Execute(database, $"create function stop_here() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock({BlockingLockKey}); return null; end $$");

        await KillAfter(database, "create trigger stop_here after insert on access.audit_log for each statement execute function stop_here()");
        Assert.Equal("0 0 0", await Contents(database));
        await Execute(database, "drop trigger stop_here on access.audit_log");

        // A process killed during the commit has sent all statements, so the server completes the commit.
        await KillAfter(database, "create constraint trigger stop_here after insert on alias_assignments deferrable initially deferred for each row execute function stop_here()");
        await Eventually.True(async () => await Contents(database) == "1 1 1", "the commit is complete");
        await Execute(database, "drop trigger stop_here on alias_assignments");
        Assert.Equal("1", await Scalar(database, "select string_agg(version::text, ' ') from alias_assignments where alias = 'champion' and ended_at is null"));

        using var again = Training(database);
        await again.WaitForExit();
        Assert.Contains(
            "Nothing to train: version 1 was trained on the same 1,309 rows", string.Join('\n', again.Output), StringComparison.Ordinal);
        Assert.Equal("Interrupted Interrupted Succeeded", await Scalar(database, "select string_agg(status, ' ' order by run_id) from runs where pipeline = 'training'"));
    }

    /// <summary>
    /// Starts a training process, waits until the trigger blocks it, kills it and waits until the server has ended its connection.
    /// </summary>
    private static async Task KillAfter(TestDatabase database, string trigger)
    {
        await Execute(database, trigger);
        await using var holder = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using (var hold = new NpgsqlCommand($"select pg_advisory_lock({BlockingLockKey})", holder))
            await hold.ExecuteNonQueryAsync(Cancellation);
        using (var training = Training(database))
        {
            await Eventually.True(async () => training.HasExited || await IsBlocked(), $"a training is blocked by: {trigger}");
            Assert.False(training.HasExited, string.Join('\n', [.. training.Output, .. training.Errors]));
            training.Kill();
        }
        await using (var release = new NpgsqlCommand($"select pg_advisory_unlock({BlockingLockKey})", holder))
            await release.ExecuteNonQueryAsync(Cancellation);
        await Eventually.True(
            async () => await Scalar(database, "select count(*)::text from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())") == "0",
            "the server has ended the connection");

        async Task<bool> IsBlocked() => await Scalar(database, $"select count(*)::text from pg_locks where locktype = 'advisory' and not granted and objid = {BlockingLockKey}") == "1";
    }

    private static ProductProcess Training(TestDatabase database) => ProductProcess.StartOn(
        database, [("Training__Selection__Enabled", "false")], "run", "training", "--date", "2026-03-01");

    private static Task<string> Contents(TestDatabase database) => Scalar(
        database,
        "select concat_ws(' ', (select count(*) from training_datasets), (select count(*) from model_versions), (select count(*) from alias_assignments))");

    private static async Task<string> Scalar(TestDatabase database, string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static async Task Execute(TestDatabase database, string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
