using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>Predictions with what happened, newest first, and how many there are.</summary>
public sealed class PredictionRows(TitanicDb db, NpgsqlDataSource postgres)
{
    /// <param name="before">Only predictions with a smaller id: where the page before ended.</param>
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

    /// <summary>At most <see cref="PredictionSql.MostCounted"/>.</summary>
    public async Task<long> Count(PredictionFilter filter, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(PredictionSql.Count(filter));
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}

/// <param name="Survived">What happened; null while it is not known, and for questions about nobody in particular.</param>
public sealed record PredictionWithOutcome(Prediction Prediction, bool? Survived);

/// <summary>
/// A filter as SQL that anybody can run: pages run the text that they show. Values are written into it, which is safe because a filter
/// holds numbers, days and words of fixed lists only.
/// </summary>
public static class PredictionSql
{
    /// <summary>So many rows are counted at most, so that a busy year does not slow the page.</summary>
    public const int MostCounted = 100_000;

    private const string AsKnownNow =
        """
        from predictions a
        left join outcomes o on o.passenger_id = a.passenger_id and o.superseded_by is null
        """;

    /// <summary>A day's count has seen predictions up to an id and outcomes up to a commit. Neither is ever changed in place, so what it saw is still there.</summary>
    private const string AsCounted =
        """
        from daily_performance d
        join predictions a on a.logical_date = d.logical_date and a.is_live = d.is_live
          and a.passenger_id is not null and a.prediction_id <= d.last_prediction_id
        left join outcomes o on o.passenger_id = a.passenger_id
          and o.commit_id <= d.as_of_commit_id and (o.superseded_by is null or o.superseded_by > d.as_of_commit_id)
        """;

    public static string Count(PredictionFilter filter) =>
        $"""
        select count(*) as predictions
        from (
            select a.prediction_id
            {Rows(filter).Replace("\n", "\n    ", StringComparison.Ordinal)}
            limit {MostCounted}) found
        """;

    public static string Page(PredictionFilter filter, long? before, int rows) =>
        FormattableString.Invariant($"""
        select a.prediction_id, o.survived
        {Rows(filter, before is null ? null : FormattableString.Invariant($"a.prediction_id < {before}"))}
        order by a.prediction_id desc
        limit {rows}
        """);

    /// <summary>The dashboard's figures of all days, from the rows that they count.</summary>
    public static string Performance(bool isLive) =>
        $"""
        select count(*) as predictions,
               count(*) filter (where not a.survived and not o.survived) as true_negatives,
               count(*) filter (where a.survived and not o.survived) as false_positives,
               count(*) filter (where not a.survived and o.survived) as false_negatives,
               count(*) filter (where a.survived and o.survived) as true_positives,
               avg((a.survived = o.survived)::int) as accuracy,
               avg(power(a.probability - o.survived::int, 2)) as brier_score
        {Rows(new PredictionFilter(IsLive: isLive, IsAsCounted: true))}
        """;

    /// <summary>The figures of each day with live predictions, newest first, with the seven days that end with it and all days until it.</summary>
    public static string PerformanceByDay(int days) => FormattableString.Invariant(
        $"""
        select logical_date as day, predictions,
               true_negatives + true_positives as right_answers,
               true_negatives + false_positives + false_negatives + true_positives as known,
               sum(true_negatives + true_positives) over week as right_in_week,
               sum(true_negatives + false_positives + false_negatives + true_positives) over week as known_in_week,
               sum(true_negatives + true_positives) over until as right_until,
               sum(true_negatives + false_positives + false_negatives + true_positives) over until as known_until
        from daily_performance
        where is_live
        window week as (order by logical_date range between interval '6 days' preceding and current row),
               until as (order by logical_date)
        order by logical_date desc
        limit {days}
        """);

    /// <summary>Who asked, and what they were told, in all days together.</summary>
    public static string BySource(DateOnly since, DateOnly until) =>
        $"""
        select source, count(*) as answers, count(*) filter (where survived) as surviving,
               avg(survived::int) as surviving_share, avg(probability) as mean_probability
        from predictions
        where logical_date between {Day(since)} and {Day(until)}
        group by source
        order by source
        """;

    /// <summary>The same, day by day.</summary>
    public static string BySourceAndDay(DateOnly since, DateOnly until) =>
        $"""
        select logical_date as day, source, count(*) as answers, avg(probability) as mean_probability
        from predictions
        where logical_date between {Day(since)} and {Day(until)}
        group by logical_date, source
        order by logical_date desc, source
        """;

    private static string Rows(PredictionFilter filter, string? also = null)
    {
        string?[] conditions =
        [
            filter.Source is { } source ? $"a.source = '{source}'" : null,
            filter.Said switch { PredictionFilter.SaidSurvived => "a.survived", PredictionFilter.SaidDied => "not a.survived", _ => null },
            filter.IsLive switch { true => "a.is_live", false => "not a.is_live", null => null },
            filter.From is { } from ? $"a.logical_date >= {Day(from)}" : null,
            filter.To is { } to ? $"a.logical_date <= {Day(to)}" : null,
            filter.Version is { } version ? FormattableString.Invariant($"a.model_version = {version}") : null,
            filter.Run is { } run ? FormattableString.Invariant($"a.run_id = {run}") : null,
            OutcomeOf(filter.Outcome),
            also,
        ];
        var where = string.Join("\n  and ", conditions.Where(condition => condition is not null));
        return (filter.IsAsCounted ? AsCounted : AsKnownNow) + (where.Length == 0 ? "" : "\nwhere " + where);
    }

    private static string? OutcomeOf(string? outcome) => outcome switch
    {
        PredictionFilter.TrueNegative => "not a.survived and not o.survived",
        PredictionFilter.FalsePositive => "a.survived and not o.survived",
        PredictionFilter.FalseNegative => "not a.survived and o.survived",
        PredictionFilter.TruePositive => "a.survived and o.survived",
        PredictionFilter.Right => "a.survived = o.survived",
        PredictionFilter.Wrong => "a.survived <> o.survived",
        PredictionFilter.Known => "o.survived is not null",
        PredictionFilter.Unknown => "a.passenger_id is not null and o.survived is null",
        _ => null,
    };

    private static string Day(DateOnly day) => $"date '{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}'";
}
