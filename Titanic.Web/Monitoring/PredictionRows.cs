using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>Reads and counts predictions with their outcomes.</summary>
public sealed class PredictionRows(TitanicDb db, NpgsqlDataSource postgres)
{
    /// <summary>Reads one page, newest first.</summary>
    /// <param name="before">Reads only predictions with a smaller id; null starts with the newest.</param>
    /// <param name="rows">Maximum number of predictions.</param>
    public async Task<IReadOnlyList<PredictionWithOutcome>> Read(PredictionFilter filter, long? before, int rows, CancellationToken cancellation)
    {
        var found = new List<(long Id, bool? Survived)>(rows);
        await using (var command = postgres.CreateCommand(PredictionSql.Page(filter, before, rows)))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
                found.Add((reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetBoolean(1)));
        }
        long[] ids = [.. found.Select(row => row.Id)];
        var predictions = await db.Predictions.AsNoTracking().Where(prediction => ids.Contains(prediction.PredictionId)).ToDictionaryAsync(prediction => prediction.PredictionId, cancellation);
        return [.. found.Select(row => new PredictionWithOutcome(predictions[row.Id], row.Survived))];
    }

    /// <summary>The number of predictions; counting stops at <see cref="PredictionSql.MaximumCountedRows"/>.</summary>
    public async Task<long> Count(PredictionFilter filter, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(PredictionSql.Count(filter));
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}

/// <summary>A prediction with its outcome.</summary>
/// <param name="Survived">The outcome; null while it is unknown, and for predictions without a passenger.</param>
public sealed record PredictionWithOutcome(Prediction Prediction, bool? Survived);

/// <summary>
/// Formats queries as complete SQL texts: a page shows the text that it executes, and readers can run it. Values are inlined, which is
/// safe because a filter contains only numbers, dates and values of fixed lists.
/// </summary>
public static class PredictionSql
{
    /// <summary>Maximum number of counted rows; it limits the cost of a page.</summary>
    public const int MaximumCountedRows = 100_000;

    private const string AsKnownNow =
        """
        from predictions a
        left join outcomes o on o.passenger_id = a.passenger_id and o.superseded_by is null
        """;

    /// <summary>Restores the state of an instant.</summary>
    private static string AsKnownAt(DateTimeOffset instant) =>
        $"""
        from (select coalesce(max(commit_id), 0) as commit_id from commits where committed_at <= {FormatInstant(instant)}) known
        cross join (
            select p.prediction_id, p.created_at, p.source, p.passenger_id, p.logical_date, p.pclass, p.sex, p.model_version, p.survived, p.probability, p.run_id,
                   {LiveStatus.StoredAt(FormatInstant(instant)).Replace("\n", "\n                   ", StringComparison.Ordinal)} as is_live
            from predictions p) a
        left join outcomes o on o.passenger_id = a.passenger_id
          and o.commit_id <= known.commit_id and (o.superseded_by is null or o.superseded_by > known.commit_id)
        """;

    public static string Count(PredictionFilter filter) =>
        $"""
        select count(*) as predictions
        from (
            select a.prediction_id
            {Rows(filter).Replace("\n", "\n    ", StringComparison.Ordinal)}
            limit {MaximumCountedRows}) found
        """;

    public static string Page(PredictionFilter filter, long? before, int rows) =>
        FormattableString.Invariant($"""
        select a.prediction_id, o.survived
        {Rows(filter, before is null ? null : FormattableString.Invariant($"a.prediction_id < {before}"))}
        order by a.prediction_id desc
        limit {rows}
        """);

    /// <summary>The dashboard's metrics, computed from the predictions.</summary>
    public static string Performance(PredictionFilter filter) =>
        $"""
        select count(*) as predictions,
               count(*) filter (where not a.survived and not o.survived) as true_negatives,
               count(*) filter (where a.survived and not o.survived) as false_positives,
               count(*) filter (where not a.survived and o.survived) as false_negatives,
               count(*) filter (where a.survived and o.survived) as true_positives,
               avg((a.survived = o.survived)::int) as accuracy,
               avg(power(a.probability - o.survived::int, 2)) as brier_score
        {Rows(filter, "a.passenger_id is not null")}
        """;

    /// <summary>
    /// The counted predictions with equal values by day, of all segments. Summing them over the days would take longer than reading them: each
    /// day has its own versions.
    /// </summary>
    internal static string CountedCells(PredictionFilter filter) =>
        $"""
        select a.is_live, a.model_version, a.source, a.pclass, a.is_female, a.survived, a.probability, a.predictions, a.outcome_died, a.outcome_survived
        from prediction_cells a{Where(filter with { Segment = null })}
        """;

    /// <summary>
    /// The predictions with equal values as of an earlier instant: all predictions of passengers, and the newest of the page and the API,
    /// which have no outcome.
    /// </summary>
    internal static string CellsAsOf(PredictionFilter filter) => FormattableString.Invariant(
        $"""
        select a.is_live, a.model_version, a.source, a.pclass, a.sex, a.survived, a.probability, {RollupSql.Counts}
        {Rows(filter, "a.passenger_id is not null")}
        group by 1, 2, 3, 4, 5, 6, 7
        union all
        select null, a.model_version, a.source, a.pclass, a.sex, a.survived, a.probability, count(*)::int, 0, 0
        from (
            select a.model_version, a.source, a.pclass, a.sex, a.survived, a.probability
            {Rows(filter, "a.passenger_id is null")}
            order by a.logical_date desc, a.prediction_id desc
            limit {MaximumCountedRows}) a
        group by 2, 3, 4, 5, 6, 7
        """);

    /// <summary>The batch predictions of all days as of an earlier instant, as cells by day.</summary>
    internal static string DailyCellsAsOf(DateTimeOffset instant) =>
        $"""
        select {RollupSql.Values}, {RollupSql.Counts}
        {Rows(new PredictionFilter(AsOf: instant), "a.passenger_id is not null")}
        group by {RollupSql.Values}
        """;

    /// <summary>The number of predictions whose outcome has become known, was corrected or was deleted since the state of the filter.</summary>
    internal static string OutcomeChanges(PredictionFilter filter) =>
        $"""
        select count(*) filter (where o.survived is null and n.survived is not null), count(*) filter (where o.survived <> n.survived),
               count(*) filter (where o.survived is not null and n.survived is null)
        {Rows(filter, "a.passenger_id is not null", "left join outcomes n on n.passenger_id = a.passenger_id and n.superseded_by is null")}
        """;

    /// <summary>
    /// The metrics of each day with live predictions, newest first: of the day, of the seven days that end with it, and of all days up to
    /// it.
    /// </summary>
    /// <param name="days">Maximum number of days.</param>
    /// <param name="asOf">The instant, inclusive; null means now.</param>
    public static string PerformanceByDay(int days, DateTimeOffset? asOf) => FormattableString.Invariant(
        $"""
        select logical_date as day, predictions, correct, known,
               sum(correct) over week as correct_in_week, sum(known) over week as known_in_week,
               sum(correct) over until as correct_until, sum(known) over until as known_until
        from (
            select a.logical_date, count(*) as predictions,
                   count(*) filter (where a.survived = o.survived) as correct, count(o.survived) as known
            {Rows(new PredictionFilter(IsLive: true, AsOf: asOf)).Replace("\n", "\n    ", StringComparison.Ordinal)}
            group by a.logical_date) days
        window week as (order by logical_date range between interval '6 days' preceding and current row),
               until as (order by logical_date)
        order by logical_date desc
        limit {days}
        """);

    /// <summary>The number of predictions and their mean probability by source, over all days.</summary>
    public static string BySource(DateOnly since, DateOnly until, DateTimeOffset? asOf) =>
        $"""
        select source, count(*) as predictions, count(*) filter (where survived) as predicted_survivors,
               avg(survived::int) as predicted_survival_rate, avg(probability) as mean_probability
        from predictions
        where {CreatedIn(since, until, asOf)}
        group by source
        order by source
        """;

    /// <summary>The same by day.</summary>
    public static string BySourceAndDay(DateOnly since, DateOnly until, DateTimeOffset? asOf) =>
        $"""
        select logical_date as day, source, count(*) as predictions, avg(probability) as mean_probability
        from predictions
        where {CreatedIn(since, until, asOf)}
        group by logical_date, source
        order by logical_date desc, source
        """;

    private static string CreatedIn(DateOnly since, DateOnly until, DateTimeOffset? asOf) =>
        $"logical_date between {FormatDate(since)} and {FormatDate(until)}{(asOf is { } instant ? $" and created_at <= {FormatInstant(instant)}" : "")}";

    private static string Rows(PredictionFilter filter, string? further = null, string? join = null) =>
        (filter.AsOf is { } instant ? AsKnownAt(instant) : AsKnownNow) + (join is null ? "" : "\n" + join) + Where(filter, further);

    private static string Where(PredictionFilter filter, string? further = null)
    {
        string?[] conditions =
        [
            filter.Source is { } source ? $"a.source = '{source}'" : null,
            filter.PredictedOutcome switch { PredictionFilter.PredictedSurvived => "a.survived", PredictionFilter.PredictedDied => "not a.survived", _ => null },
            filter.IsLive switch { true => "a.is_live", false => "not a.is_live", null => null },
            filter.From is { } from ? $"a.logical_date >= {FormatDate(from)}" : null,
            filter.To is { } to ? $"a.logical_date <= {FormatDate(to)}" : null,
            filter.Version is { } version ? FormattableString.Invariant($"a.model_version = {version}") : null,
            filter.Run is { } run ? FormattableString.Invariant($"a.run_id = {run}") : null,
            filter.Segment is { } segment ? PassengerSegment.Condition(segment) : null,
            OutcomeCondition(filter.Outcome),
            filter.AsOf is { } asOf ? $"a.created_at <= {FormatInstant(asOf)}" : null,
            further,
        ];
        var where = string.Join("\n  and ", conditions.Where(condition => condition is not null));
        return where.Length == 0 ? "" : "\nwhere " + where;
    }

    private static string? OutcomeCondition(string? outcome) => outcome switch
    {
        PredictionFilter.TrueNegative => "not a.survived and not o.survived",
        PredictionFilter.FalsePositive => "a.survived and not o.survived",
        PredictionFilter.FalseNegative => "not a.survived and o.survived",
        PredictionFilter.TruePositive => "a.survived and o.survived",
        PredictionFilter.Correct => "a.survived = o.survived",
        PredictionFilter.Incorrect => "a.survived <> o.survived",
        PredictionFilter.Known => "o.survived is not null",
        PredictionFilter.Unknown => "a.passenger_id is not null and o.survived is null",
        _ => null,
    };

    private static string FormatDate(DateOnly day) => $"date '{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}'";

    private static string FormatInstant(DateTimeOffset instant) => $"timestamptz '{instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)}+00'";
}
