using System.Data;
using Npgsql;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring.Rollups;

/// <summary>Counts predictions by day: cells, and from them the daily totals. One transaction changes all roll-ups and their state.</summary>
public sealed class PredictionRollup(NpgsqlDataSource postgres, TimeProvider clock)
{
    /// <summary>
    /// Predictions of the page and the API are counted when the day of their request ended at least this long ago, which is longer than any
    /// transaction takes.
    /// </summary>
    private static readonly TimeSpan _settlingTime = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Counts a day, and all other days whose outcomes or predictions have changed since they were counted, after updating the live status of
    /// predictions whose passengers were corrected. Counting again changes nothing.
    /// </summary>
    /// <param name="day">The day; null for the changed days only.</param>
    /// <param name="cancellation">Cancels and rolls back the refresh.</param>
    public Task<RefreshedDays> Refresh(DateOnly? day, CancellationToken cancellation) => Count(RollupSql.DueDays, day, cancellation);

    /// <summary>Counts all days again.</summary>
    public Task<RefreshedDays> Rebuild(CancellationToken cancellation) => Count(RollupSql.AllDays, null, cancellation);

    private async Task<RefreshedDays> Count(string findDays, DateOnly? day, CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        // One snapshot for finding and counting: a commit between the two would be marked as counted although it was not.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using (var wait = new NpgsqlCommand("lock table rollup_state in share row exclusive mode", connection)) // takes no snapshot yet
            await wait.ExecuteNonQueryAsync(cancellation);
        var counted = await RollupState.Read(connection, cancellation);
        var settledBefore = DateOnly.FromDateTime((clock.GetUtcNow() - _settlingTime).UtcDateTime);
        var due = await ReadDays(findDays, ("day", (object?)day ?? DBNull.Value));
        due.AddRange(await LiveStatus.Update(connection, counted.AsOfCommitId, counted.LastPredictionId, clock.GetUtcNow(), cancellation));
        await ReadDays(RollupSql.SetState);
        var days = due.Distinct().ToArray();
        var cells = await ReadDays(RollupSql.CountCells, ("days", days));
        var performance = cells.Union(await ReadDays(RollupSql.SumPerformance, ("days", days))).Order().ToList();
        var volume = await ReadDays(RollupSql.SumVolume, ("days", days));
        await transaction.CommitAsync(cancellation);
        return new RefreshedDays(performance, volume);

        async Task<List<DateOnly>> ReadDays(string sql, params (string Name, object Value)[] values)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 }; // many days can be due
            command.Parameters.AddWithValue("commit", counted.AsOfCommitId);
            command.Parameters.AddWithValue("prediction", counted.LastPredictionId);
            command.Parameters.AddWithValue("settled", counted.SettledBefore);
            command.Parameters.AddWithValue("settle", settledBefore > counted.SettledBefore ? settledBefore : counted.SettledBefore);
            foreach (var (name, value) in values)
                command.Parameters.AddWithValue(name, value);
            var read = new List<DateOnly>();
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                read.Add(reader.GetFieldValue<DateOnly>(0));
            return read;
        }
    }
}

/// <summary>The days whose roll-ups are new or changed.</summary>
/// <param name="Performance">Of batch predictions or their outcomes.</param>
/// <param name="Volume">Of the number of predictions by source.</param>
public sealed record RefreshedDays(IReadOnlyList<DateOnly> Performance, IReadOnlyList<DateOnly> Volume);

/// <summary>
/// The statements of the roll-ups. Their parameters are the counted state: <c>@commit</c>, <c>@prediction</c> and <c>@settled</c>.
/// Rows with unchanged counts are not updated.
/// </summary>
internal static class RollupSql
{
    /// <summary>The columns that identify a cell of predictions <c>a</c>.</summary>
    public const string Values = "a.logical_date, a.source, a.is_live, a.model_version, a.pclass, a.sex, a.survived, a.probability";

    /// <summary>The stored cells, one row each. They are aliased <c>a</c>, as predictions are.</summary>
    public const string StoredCells =
        """
        (
            select c.logical_date, c.source, c.is_live, c.model_version, v.pclass, case when v.is_female then 'female' else 'male' end as sex, v.survived, v.probability,
                   v.predictions, v.outcome_died, v.outcome_survived
            from prediction_cells c
            cross join unnest(c.pclass, c.is_female, c.survived, c.probability, c.predictions, c.outcome_died, c.outcome_survived)
                v (pclass, is_female, survived, probability, predictions, outcome_died, outcome_survived)) a
        """;

    private const string Arrays = "pclass, is_female, survived, probability, predictions, outcome_died, outcome_survived";

    private const string Order = "order by a.pclass, a.sex = 'female', a.survived, a.probability";

    /// <summary>The numbers of a cell of predictions <c>a</c> with the outcomes <c>o</c>.</summary>
    public const string Counts =
        "count(*)::int as predictions, count(*) filter (where not o.survived)::int as outcome_died, count(*) filter (where o.survived)::int as outcome_survived";

    /// <summary>The passengers whose outcomes have become known or were corrected or deleted since they were counted.</summary>
    public const string ChangedOutcomes =
        "(select passenger_id from outcomes where commit_id > @commit union select passenger_id from outcomes where superseded_by > @commit)";

    /// <summary>The day <c>@day</c>, if it is not null, and the days with changes since they were counted.</summary>
    public const string DueDays =
        $"""
        select @day::date as day where @day::date is not null
        union
        select a.logical_date from {ChangedOutcomes} changed join predictions a on a.passenger_id = changed.passenger_id
        union
        select logical_date from predictions where source = '{PredictionSources.Batch}' and prediction_id > @prediction
        union
        select logical_date from predictions where logical_date >= @settled and logical_date < @settle
        """;

    public const string AllDays =
        """
        select logical_date from predictions
        union select logical_date from prediction_cells
        union select logical_date from daily_performance
        union select logical_date from daily_answers
        """;

    /// <summary>Sets the state to the one of the snapshot, before the cells are counted.</summary>
    public const string SetState =
        $"""
        insert into rollup_state as s (id, as_of_commit_id, last_prediction_id, settled_before)
        select 1, (select coalesce(max(commit_id), 0) from commits),
               (select coalesce(max(prediction_id), 0) from predictions where source = '{PredictionSources.Batch}'), @settle
        on conflict (id) do update
        set as_of_commit_id = excluded.as_of_commit_id, last_prediction_id = excluded.last_prediction_id, settled_before = excluded.settled_before
        where (s.as_of_commit_id, s.last_prediction_id, s.settled_before)
            is distinct from (excluded.as_of_commit_id, excluded.last_prediction_id, excluded.settled_before)
        """;

    /// <summary>Counts the cells of <c>@days</c>; returns the days with changed cells of batch predictions.</summary>
    public const string CountCells =
        $"""
        with counted as (
            select a.logical_date, a.source, a.is_live, a.model_version,
                   array_agg(a.pclass {Order}) as pclass, array_agg(a.sex = 'female' {Order}) as is_female, array_agg(a.survived {Order}) as survived,
                   array_agg(a.probability {Order}) as probability, array_agg(a.predictions {Order}) as predictions,
                   array_agg(a.outcome_died {Order}) as outcome_died, array_agg(a.outcome_survived {Order}) as outcome_survived
            from (
                select {Values}, {Counts}
                from predictions a
                left join outcomes o on o.passenger_id = a.passenger_id and o.superseded_by is null
                where a.logical_date = any (@days) and (a.source = '{PredictionSources.Batch}' or a.logical_date < @settle)
                group by {Values}) a
            group by a.logical_date, a.source, a.is_live, a.model_version
        ), gone as (
            delete from prediction_cells c
            where c.logical_date = any (@days) and not exists (
                select from counted k
                where (k.logical_date, k.source, k.model_version) = (c.logical_date, c.source, c.model_version) and k.is_live is not distinct from c.is_live)
            returning logical_date, source
        ), written as (
            insert into prediction_cells as c (logical_date, source, is_live, model_version, {Arrays})
            select logical_date, source, is_live, model_version, {Arrays} from counted
            on conflict (logical_date, source, is_live, model_version) do update
            set ({Arrays}) = row(excluded.pclass, excluded.is_female, excluded.survived, excluded.probability, excluded.predictions, excluded.outcome_died, excluded.outcome_survived)
            where (c.pclass, c.is_female, c.survived, c.probability, c.predictions, c.outcome_died, c.outcome_survived)
                is distinct from (excluded.pclass, excluded.is_female, excluded.survived, excluded.probability, excluded.predictions, excluded.outcome_died, excluded.outcome_survived)
            returning logical_date, source
        )
        select logical_date from gone where source = '{PredictionSources.Batch}'
        union select logical_date from written where source = '{PredictionSources.Batch}'
        """;

    /// <summary>The totals of a day from cells <c>a</c>. The order makes the sum of the errors the same in every computation.</summary>
    public const string PerformanceOfCells =
        $"""
        a.logical_date, a.is_live, sum(a.predictions)::int as predictions,
        coalesce(sum(a.outcome_died) filter (where not a.survived), 0)::int as true_negatives,
        coalesce(sum(a.outcome_died) filter (where a.survived), 0)::int as false_positives,
        coalesce(sum(a.outcome_survived) filter (where not a.survived), 0)::int as false_negatives,
        coalesce(sum(a.outcome_survived) filter (where a.survived), 0)::int as true_positives,
        sum(a.outcome_died * power(a.probability, 2) + a.outcome_survived * power(1 - a.probability, 2) order by {Values}) as squared_error
        """;

    /// <summary>Sums the cells of <c>@days</c> to totals of batch predictions; returns the changed days.</summary>
    public const string SumPerformance =
        $"""
        with summed as (
            select {PerformanceOfCells} from {StoredCells} where a.logical_date = any (@days) and a.is_live is not null group by a.logical_date, a.is_live
        ), gone as (
            delete from daily_performance d
            where d.logical_date = any (@days) and not exists (select from summed s where s.logical_date = d.logical_date and s.is_live = d.is_live)
            returning logical_date
        ), written as (
            insert into daily_performance as d (logical_date, is_live, predictions, true_negatives, false_positives, false_negatives, true_positives, squared_error)
            select * from summed
            on conflict (logical_date, is_live) do update
            set predictions = excluded.predictions, true_negatives = excluded.true_negatives, false_positives = excluded.false_positives,
                false_negatives = excluded.false_negatives, true_positives = excluded.true_positives, squared_error = excluded.squared_error
            where (d.predictions, d.true_negatives, d.false_positives, d.false_negatives, d.true_positives, d.squared_error)
                is distinct from (excluded.predictions, excluded.true_negatives, excluded.false_positives, excluded.false_negatives,
                                  excluded.true_positives, excluded.squared_error)
            returning logical_date
        )
        select logical_date from gone union select logical_date from written
        """;

    /// <summary>The totals of a day and source from cells <c>a</c>.</summary>
    public const string VolumeOfCells =
        $"""
        a.logical_date, a.source, sum(a.predictions) as answers, coalesce(sum(a.predictions) filter (where a.survived), 0) as surviving,
        sum(a.predictions * a.probability order by {Values}) as probability_sum
        """;

    /// <summary>Sums the cells of <c>@days</c> to totals by source; returns the changed days.</summary>
    public const string SumVolume =
        $"""
        with summed as (
            select {VolumeOfCells} from {StoredCells} where a.logical_date = any (@days) group by a.logical_date, a.source
        ), gone as (
            delete from daily_answers d
            where d.logical_date = any (@days) and not exists (select from summed s where s.logical_date = d.logical_date and s.source = d.source)
            returning logical_date
        ), written as (
            insert into daily_answers as d (logical_date, source, answers, surviving, probability_sum)
            select * from summed
            on conflict (logical_date, source) do update
            set answers = excluded.answers, surviving = excluded.surviving, probability_sum = excluded.probability_sum
            where (d.answers, d.surviving, d.probability_sum) is distinct from (excluded.answers, excluded.surviving, excluded.probability_sum)
            returning logical_date
        )
        select logical_date from gone union select logical_date from written order by 1
        """;
}
