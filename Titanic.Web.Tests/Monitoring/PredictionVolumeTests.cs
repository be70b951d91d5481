using Titanic.Web.Monitoring;
using Titanic.Web.Monitoring.Rollups;

namespace Titanic.Web.Tests.Monitoring;

/// <summary>Compares the roll-up of predictions, and the summary of the dashboard, with counts of the rows.</summary>
public sealed class PredictionVolumeTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private static readonly DateOnly _today = TestWorkflow.FirstDay.AddDays(3);

    private protected override TestWorkflow NewWorkflow(TestDatabase database) => new(database, TestClock.CreateAt(_today));

    [Fact]
    public async Task The_rollup_equals_counts_of_the_rows_and_is_idempotent()
    {
        await InsertPredictions("ui", _today.AddDays(-2), 5);
        await InsertPredictions("api", _today.AddDays(-2), 70);
        await InsertPredictions("api", _today.AddDays(-1), 30);
        await InsertPredictions("batch", _today, 2);

        var days = await Refresh();

        Assert.Equal([_today.AddDays(-2), _today.AddDays(-1), _today], days);
        Assert.Equal(await CountRows(), await ReadRollup());
        var before = await ReadRowVersions();
        Assert.Empty(await Refresh());
        Assert.Equal(before, await ReadRowVersions());
    }

    [Fact]
    public async Task A_day_of_the_API_is_counted_when_it_is_settled()
    {
        await InsertPredictions("api", _today.AddDays(-1), 3);
        await InsertPredictions("api", _today, 3);
        Assert.Equal([_today.AddDays(-1)], await Refresh());

        Workflow.Clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromMinutes(16)); // 00:14: not settled yet
        Assert.Empty(await Refresh());
        await InsertPredictions("api", _today, 1);
        Assert.Empty(await Refresh());
        Workflow.Clock.Advance(TimeSpan.FromMinutes(31));

        Assert.Equal([_today], await Refresh());
        Assert.Equal(await CountRows(), await ReadRollup());
    }

    [Fact]
    public async Task Counts_a_prediction_with_a_smaller_id_that_is_committed_later()
    {
        var late = await Workflow.Scalar<long>("select nextval(pg_get_serial_sequence('predictions', 'prediction_id'))");
        await InsertPredictions("api", _today, 3);
        await Refresh();

        await InsertPredictions("ui", _today, 1, late);
        Assert.Equal(await CountRows(30), await ReadSummary());
        Workflow.Clock.Advance(TimeSpan.FromDays(2));

        Assert.Equal([_today], await Refresh());
        Assert.Equal(await CountRows(), await ReadRollup());
    }

    [Fact]
    public async Task The_summary_equals_counts_of_the_rows_whatever_is_rolled_up()
    {
        await InsertPredictions("ui", _today.AddDays(-40), 4);
        await InsertPredictions("ui", _today.AddDays(-29), 4);
        await InsertPredictions("batch", _today.AddDays(-2), 10);
        Assert.Equal(await CountRows(30), await ReadSummary());

        await Refresh();
        await InsertPredictions("api", _today, 8);
        Assert.Equal(await CountRows(30), await ReadSummary());

        await InsertPredictions("batch", _today.AddDays(-2), 1); // into a counted day, as the inference of a missed day does
        Assert.Equal(await CountRows(30), await ReadSummary());
        Assert.Equal([_today.AddDays(-2)], await Refresh());
        Assert.Equal(await CountRows(30), await ReadSummary());
    }

    [Fact]
    public async Task Settled_days_are_read_from_the_rollup()
    {
        await InsertPredictions("api", _today.AddDays(-1), 3);
        await InsertPredictions("api", _today, 2);
        await Refresh();

        await Workflow.Execute("update daily_answers set answers = 1000000"); // a marker for values that are read from the roll-up

        Assert.Equal([(0, 2L), (-1, 1_000_000L)], (await Read()).Days.Select(day => (day.Day.DayNumber - _today.DayNumber, day.Metrics.Predictions)));
    }

    [Fact]
    public async Task Counting_stops_at_a_limit_for_each_source()
    {
        await InsertPredictions("ui", _today, 1);
        await InsertPredictions("api", _today, PredictionSql.MaximumCountedRows + 1);

        var summary = await Read();

        Assert.Equal((1, false), (summary.For("ui").Predictions, summary.For("ui").AreLowerBounds));
        Assert.Equal((PredictionSql.MaximumCountedRows, true), (summary.For("api").Predictions, summary.For("api").AreLowerBounds));
        await Refresh();
        Workflow.Clock.Advance(TimeSpan.FromDays(1));
        await Refresh();
        Assert.Equal((PredictionSql.MaximumCountedRows + 1, false), ((await Read()).For("api").Predictions, (await Read()).For("api").AreLowerBounds));
    }

    private async Task<IReadOnlyList<DateOnly>> Refresh() =>
        (await Workflow.InScope<PredictionRollup, RefreshedDays>(rollup => rollup.Refresh(Workflow.Today, TestWorkflow.Cancellation))).Volume;

    private Task<PredictionVolumeSummary> Read() => Workflow.InScope<RollupReader, PredictionVolumeSummary>(async rollups =>
    {
        await using var now = await rollups.Open(TestWorkflow.Cancellation);
        return await PredictionVolume.Read(now, Workflow.Today, TestWorkflow.Cancellation);
    });

    /// <summary>Inserts predictions with different probabilities.</summary>
    private Task InsertPredictions(string source, DateOnly day, int count, long? id = null) => Workflow.Execute(FormattableString.Invariant(
        $"""
        insert into predictions (prediction_id, created_at, source, logical_date, pclass, sex, point_code, model_name, model_version, survived, probability, survivors, neighbors)
        overriding system value
        select coalesce({(id is null ? "null" : id)}, nextval(pg_get_serial_sequence('predictions', 'prediction_id'))), '{day:yyyy-MM-dd}T12:00Z', '{source}', '{day:yyyy-MM-dd}',
               1 + i % 3, 'male', 0, 'titanic_knn', 1, i % 4 = 0, (1 + i % 8) / 10.0, 1, 8
        from generate_series(1, {count}) i
        """));

    private async Task<string> ReadRollup() => await Workflow.Scalar<string>(
        "select string_agg(format('%s %s %s %s %s', logical_date, source, answers, surviving, round(probability_sum::numeric, 6)), ', ' order by logical_date, source) from daily_answers");

    private async Task<string> CountRows(int days = 3650) => await Workflow.Scalar<string>(
        $"""
        select string_agg(format('%s %s %s %s %s', logical_date, source, answers, surviving, round(probability_sum, 6)), ', ' order by logical_date, source)
        from (select logical_date, source, count(*) as answers, count(*) filter (where survived) as surviving, sum(probability::numeric) as probability_sum
              from predictions where logical_date > '{_today:yyyy-MM-dd}'::date - {days} group by logical_date, source) days
        """);

    private async Task<string> ReadSummary() => string.Join(", ", (await Read()).Days.OrderBy(day => day.Day).ThenBy(day => day.Source, StringComparer.Ordinal)
        .Select(day => FormattableString.Invariant($"{day.Day:yyyy-MM-dd} {day.Source} {day.Metrics.Predictions} {day.Metrics.PredictedSurvivors} {day.Metrics.ProbabilitySum:0.000000}")));

    private Task<string> ReadRowVersions() => Workflow.Scalar<string>("select string_agg(xmin::text, ' ' order by logical_date, source) from daily_answers");
}
