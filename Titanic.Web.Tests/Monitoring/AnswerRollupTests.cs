using Titanic.Web.Monitoring;

namespace Titanic.Web.Tests.Monitoring;

/// <summary>Compares the roll-up of predictions, and the summary of the dashboard, with counts of the rows.</summary>
public sealed class AnswerRollupTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private static readonly DateOnly _today = TestWorkflow.FirstDay.AddDays(3);

    private protected override TestWorkflow NewWorkflow(TestDatabase database) => new(database, TestClock.On(_today));

    [Fact]
    public async Task The_rollup_equals_counts_of_the_rows_and_is_idempotent()
    {
        await Ask("ui", _today.AddDays(-2), 5);
        await Ask("api", _today.AddDays(-2), 70);
        await Ask("api", _today.AddDays(-1), 30);
        await Ask("ui", _today, 2);

        var days = await Refresh();

        Assert.Equal([_today.AddDays(-2), _today.AddDays(-1), _today], days);
        Assert.Equal(await RowByRow(), await Stored());
        var before = await Versions();
        Assert.Empty(await Refresh());
        Assert.Equal(before, await Versions());
    }

    [Fact]
    public async Task A_day_is_counted_again_until_it_is_settled()
    {
        await Ask("api", _today.AddDays(-1), 3);
        await Ask("api", _today, 3);
        await Refresh();
        Assert.Equal(["-1 true", "0 false"], await Settled());

        await Ask("api", _today, 1);
        Assert.Equal([_today], await Refresh());
        Workflow.Clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromMinutes(16)); // 14 minutes before the end of the settling time
        await Refresh();
        Assert.Equal(["-1 true", "0 false"], await Settled());
        Workflow.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Empty(await Refresh()); // the counts are unchanged, but the day is settled now

        Assert.Equal(["-1 true", "0 true"], await Settled());
    }

    [Fact]
    public async Task Counts_a_prediction_with_a_smaller_id_that_is_committed_later()
    {
        var late = await Workflow.Scalar<long>("select nextval(pg_get_serial_sequence('predictions', 'prediction_id'))");
        await Ask("api", _today, 3);
        await Refresh();

        await Ask("ui", _today, 1, late);

        Assert.Equal([_today], await Refresh());
        Assert.Equal(await RowByRow(), await Stored());
    }

    [Fact]
    public async Task The_summary_equals_counts_of_the_rows_whatever_is_rolled_up()
    {
        await Ask("ui", _today.AddDays(-40), 4);
        await Ask("ui", _today.AddDays(-29), 4);
        await Ask("batch", _today.AddDays(-2), 10);
        Assert.Equal(await RowByRow(30), await Told());

        await Refresh();
        await Ask("api", _today, 8);
        Assert.Equal(await RowByRow(30), await Told());

        await Ask("ui", _today.AddDays(-2), 1); // into a settled day, as the inference of a missed day does
        Assert.Equal(await RowByRow(30), await Told());
        Assert.Equal([_today.AddDays(-2), _today], await Refresh());
        Assert.Equal(await RowByRow(30), await Told());
    }

    [Fact]
    public async Task Settled_days_are_read_from_the_rollup()
    {
        await Ask("api", _today.AddDays(-1), 3);
        await Ask("api", _today, 2);
        await Refresh();

        await Workflow.Execute("update daily_answers set answers = 1000000"); // a marker for values that are read from the roll-up

        Assert.Equal([(0, 2L), (-1, 1_000_000L)], (await Read()).Days.Select(day => (day.Day.DayNumber - _today.DayNumber, day.Figures.Answers)));
    }

    [Fact]
    public async Task Counting_stops_at_a_limit_for_each_source()
    {
        await Ask("ui", _today, 1);
        await Ask("api", _today, PredictionSql.MostCounted + 1);

        var summary = await Read();

        Assert.Equal((1, false), (summary.Of("ui").Answers, summary.Of("ui").AreAtLeast));
        Assert.Equal((PredictionSql.MostCounted, true), (summary.Of("api").Answers, summary.Of("api").AreAtLeast));
        await Refresh();
        Workflow.Clock.Advance(TimeSpan.FromDays(1));
        await Refresh();
        Assert.Equal((PredictionSql.MostCounted + 1, false), ((await Read()).Of("api").Answers, (await Read()).Of("api").AreAtLeast));
    }

    private Task<IReadOnlyList<DateOnly>> Refresh() =>
        Workflow.In<AnswerRollup, IReadOnlyList<DateOnly>>(rollup => rollup.Refresh(Workflow.Today, TestWorkflow.Cancellation));

    private Task<AnswerSummary> Read() => Workflow.In<AnswersBySource, AnswerSummary>(answers => answers.Read(Workflow.Today, TestWorkflow.Cancellation));

    /// <summary>Inserts predictions with different probabilities.</summary>
    private Task Ask(string source, DateOnly day, int answers, long? id = null) => Workflow.Execute(FormattableString.Invariant(
        $"""
        insert into predictions (prediction_id, created_at, source, logical_date, pclass, sex, point_code, model_name, model_version, survived, probability, survivors, neighbors)
        overriding system value
        select coalesce({(id is null ? "null" : id)}, nextval(pg_get_serial_sequence('predictions', 'prediction_id'))), '{day:yyyy-MM-dd}T12:00Z', '{source}', '{day:yyyy-MM-dd}',
               1 + i % 3, 'male', 0, 'titanic_knn', 1, i % 4 = 0, (1 + i % 8) / 10.0, 1, 8
        from generate_series(1, {answers}) i
        """));

    private async Task<string> Stored() => await Workflow.Scalar<string>(
        "select string_agg(format('%s %s %s %s %s', logical_date, source, answers, surviving, round(probability_sum::numeric, 6)), ', ' order by logical_date, source) from daily_answers");

    private async Task<string> RowByRow(int days = 3650) => await Workflow.Scalar<string>(
        $"""
        select string_agg(format('%s %s %s %s %s', logical_date, source, answers, surviving, round(probability_sum, 6)), ', ' order by logical_date, source)
        from (select logical_date, source, count(*) as answers, count(*) filter (where survived) as surviving, sum(probability::numeric) as probability_sum
              from predictions where logical_date > '{_today:yyyy-MM-dd}'::date - {days} group by logical_date, source) days
        """);

    private async Task<string> Told() => string.Join(", ", (await Read()).Days.OrderBy(day => day.Day).ThenBy(day => day.Source, StringComparer.Ordinal)
        .Select(day => FormattableString.Invariant($"{day.Day:yyyy-MM-dd} {day.Source} {day.Figures.Answers} {day.Figures.Surviving} {day.Figures.ProbabilitySum:0.000000}")));

    private async Task<string[]> Settled() => (await Workflow.Scalar<string>(
        $"select string_agg((logical_date - '{_today:yyyy-MM-dd}'::date) || ' ' || is_settled, ', ' order by logical_date) from daily_answers")).Split(", ");

    private Task<string> Versions() => Workflow.Scalar<string>("select string_agg(xmin::text, ' ' order by logical_date, source) from daily_answers");
}
