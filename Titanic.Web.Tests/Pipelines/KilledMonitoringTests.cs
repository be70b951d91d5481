using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Pipelines;
using Titanic.Web.Tests.Hosting;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>
/// Monitoring runs as separate processes, killed with SIGKILL after each statement that changes a roll-up, and while they commit: the roll-ups
/// always equal counts of the predictions as of their state.
/// </summary>
public sealed class KilledMonitoringTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private const long BlockingLockKey = 1912;

    private static readonly int _kills = Repetitions.Of(developer: 3, continuousIntegration: 20);

    private static readonly string[] _triggers =
    [
        "create constraint trigger stop_here after insert or update on rollup_state deferrable initially deferred for each row execute function stop_here()", // in the commit
        "create trigger stop_here after insert on prediction_cells for each statement execute function stop_here()",
        "create trigger stop_here after insert on daily_answers for each statement execute function stop_here()",
        "create trigger stop_here after insert on daily_performance for each statement execute function stop_here()",
        "create trigger stop_here after insert or update on rollup_state for each statement execute function stop_here()",
    ];

    private protected override Task<TestDatabase> NewDatabase(TestPostgres postgres) => new FullSite(postgres).CreateDatabase();

    [Fact]
    public async Task Killed_monitoring_runs_leave_no_difference()
    {
        await Workflow.Execute($"create function stop_here() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock({BlockingLockKey}); return null; end $$");
        for (var kill = 0; kill < _kills; kill++)
        {
            await CorrectOutcome(kill);
            await KillAt(_triggers[kill % _triggers.Length]);
            await AssertEqual();
        }

        using var monitoring = Monitor();
        await monitoring.WaitForExit();

        await AssertEqual();
        Assert.Equal(30, await Workflow.Scalar<long>("select sum(n) from prediction_cells, unnest(predictions) n"));
        Assert.Equal(
            await Workflow.Scalar<long>("select count(*) from predictions join outcomes o using (passenger_id) where o.superseded_by is null and o.survived"),
            await Workflow.Scalar<long>("select sum(n) from prediction_cells, unnest(outcome_survived) n"));
        Assert.True(await Workflow.Scalar<bool>("select as_of_commit_id = (select max(commit_id) from commits) from rollup_state"));
    }

    private async Task AssertEqual()
    {
        var rollups = await Workflow.InScope<RollupVerification, IReadOnlyList<VerifiedRollup>>(verification => verification.Verify(Cancellation));
        Assert.All(rollups, rollup => Assert.Empty(rollup.Described));
        Assert.All(rollups, rollup => Assert.True(rollup.Rows > 0));
    }

    private async Task CorrectOutcome(int offset)
    {
        var start = FeatureReader.StartOf(DateOnly.Parse(
            await Workflow.Scalar<string>("select min(logical_date)::text from predictions"), System.Globalization.CultureInfo.InvariantCulture));
        var row = await Workflow.Query(db => Task.FromResult(db.Passengers
            .Where(passenger => passenger.SupersededBy == null && passenger.Source == PassengerSources.Synthetic && passenger.EventTime == start)
            .OrderBy(passenger => passenger.PassengerId).Skip(offset % 10).First()));
        var survived = await Workflow.Scalar<bool>($"select survived from outcomes where passenger_id = {row.PassengerId} and superseded_by is null");
        await Workflow.Ingest(PassengerBatch.FromPassengers(
            PassengerSources.Synthetic, "a correction", start, start, [new(row.SourceKey, row.Name, row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds, !survived)]));
    }

    /// <summary>Kills a monitoring run that a trigger blocks, and waits until the server has ended its connections.</summary>
    private async Task KillAt(string trigger)
    {
        await Workflow.Execute(trigger);
        await using var holder = await Database.DataSource.OpenConnectionAsync(Cancellation);
        await Execute(holder, $"select pg_advisory_lock({BlockingLockKey})");
        using (var monitoring = Monitor())
        {
            await Eventually.True(async () => monitoring.HasExited || await IsBlocked(), $"a monitoring run is blocked by: {trigger}");
            Assert.False(monitoring.HasExited, string.Join('\n', [.. monitoring.Output, .. monitoring.Errors]));
            monitoring.Kill();
        }
        await Execute(holder, $"select pg_advisory_unlock({BlockingLockKey})");
        await Eventually.True(
            () => Workflow.Scalar<bool>("select count(*) = 0 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"),
            "the server has ended the connections");
        await Workflow.Execute($"drop trigger stop_here on {trigger.Split(" on ")[1].Split(' ')[0]}");

        Task<bool> IsBlocked() => Workflow.Scalar<bool>($"select count(*) = 1 from pg_locks where locktype = 'advisory' and not granted and objid = {BlockingLockKey}");
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private ProductProcess Monitor() => ProductProcess.StartOn(Database, "run", PipelineNames.Monitoring);
}
