using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>Updates <see cref="DailyPerformance"/>.</summary>
public sealed class PerformanceRollup(NpgsqlDataSource postgres)
{
    /// <summary>
    /// Counts a day, and all other days whose outcomes or predictions have changed since they were counted, after updating the live status of
    /// predictions whose passengers were corrected.
    /// </summary>
    /// <param name="day">The day; null for the changed days only.</param>
    /// <param name="cancellation">Cancels and rolls back the refresh.</param>
    /// <returns>The days whose counts are new or changed.</returns>
    public async Task<IReadOnlyList<DateOnly>> Refresh(DateOnly? day, CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        // One snapshot for finding and counting: a commit between the two would be marked as counted although it was not.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using (var wait = new NpgsqlCommand("lock table daily_performance in share row exclusive mode", connection)) // takes no snapshot yet
            await wait.ExecuteNonQueryAsync(cancellation);
        var due = await ReadDays(connection, FindDueDays, cancellation, ("day", (object?)day ?? DBNull.Value), ("streams", PassengerSources.Streams.ToArray()));
        due.AddRange(await LiveStatus.Update(connection, cancellation));
        var changed = await ReadDays(connection, RecountDays, cancellation, ("days", due.Distinct().ToArray()));
        await transaction.CommitAsync(cancellation);
        return changed;
    }

    private static async Task<List<DateOnly>> ReadDays(NpgsqlConnection connection, string sql, CancellationToken cancellation, params (string Name, object Value)[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value);
        var days = new List<DateOnly>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            days.Add(reader.GetFieldValue<DateOnly>(0));
        return days;
    }

    // A deleted outcome has no newer version, and its passenger no current version: the day is read from the prediction.
    private const string FindDueDays =
        """
        with counted as (select coalesce(max(as_of_commit_id), 0) as commit_id from daily_performance)
        select @day::date as day where @day::date is not null
        union
        select (p.event_time at time zone 'UTC')::date
        from outcomes o
        join passengers p on p.passenger_id = o.passenger_id and p.superseded_by is null
        where o.commit_id > (select commit_id from counted) and p.source = any (@streams)
        union
        select a.logical_date
        from outcomes o
        join predictions a on a.passenger_id = o.passenger_id
        where o.superseded_by > (select commit_id from counted)
        union
        select a.logical_date
        from predictions a
        where a.passenger_id is not null
          and a.prediction_id > coalesce((select max(last_prediction_id) from daily_performance), 0)
        order by day
        """;

    // Rows with unchanged counts are not updated, so that counting again changes nothing.
    private const string RecountDays =
        """
        with counted as (
            select a.logical_date, a.is_live, count(*) as predictions,
                   count(*) filter (where not a.survived and not o.survived) as true_negatives,
                   count(*) filter (where a.survived and not o.survived) as false_positives,
                   count(*) filter (where not a.survived and o.survived) as false_negatives,
                   count(*) filter (where a.survived and o.survived) as true_positives,
                   coalesce(sum(power(a.probability - o.survived::int, 2) order by a.prediction_id), 0) as squared_error,
                   max(a.prediction_id) as last_prediction_id
            from predictions a
            left join outcomes o on o.passenger_id = a.passenger_id and o.superseded_by is null
            where a.passenger_id is not null and a.logical_date = any (@days)
            group by a.logical_date, a.is_live
        ), gone as (
            delete from daily_performance d
            where d.logical_date = any (@days)
              and not exists (select from counted c where c.logical_date = d.logical_date and c.is_live = d.is_live)
            returning d.logical_date
        ), written as (
            insert into daily_performance as d (logical_date, is_live, predictions, true_negatives, false_positives, false_negatives,
                                                true_positives, squared_error, last_prediction_id, as_of_commit_id)
            select c.*, (select coalesce(max(commit_id), 0) from commits) from counted c
            on conflict (logical_date, is_live) do update
            set predictions = excluded.predictions, true_negatives = excluded.true_negatives, false_positives = excluded.false_positives,
                false_negatives = excluded.false_negatives, true_positives = excluded.true_positives, squared_error = excluded.squared_error,
                last_prediction_id = excluded.last_prediction_id, as_of_commit_id = excluded.as_of_commit_id
            where (d.predictions, d.true_negatives, d.false_positives, d.false_negatives, d.true_positives, d.squared_error, d.last_prediction_id)
                is distinct from (excluded.predictions, excluded.true_negatives, excluded.false_positives, excluded.false_negatives,
                                  excluded.true_positives, excluded.squared_error, excluded.last_prediction_id)
            returning d.logical_date
        )
        select logical_date from gone union select logical_date from written order by 1
        """;
}

/// <summary>
/// One day's batch predictions compared with the outcomes: the roll-up that the dashboard sums, so that its cost does not depend on the
/// number of passengers. Live and in-sample predictions have separate rows.
/// </summary>
public sealed class DailyPerformance
{
    public DateOnly LogicalDate { get; init; }

    /// <summary>
    /// True for live predictions; false for in-sample predictions, whose metrics are too optimistic. See <c>LiveStatus</c>.
    /// </summary>
    public bool IsLive { get; init; }

    /// <summary>All predictions of the day; those without a known outcome are in none of the four confusion counts.</summary>
    public int Predictions { get; init; }
    public int TrueNegatives { get; init; }
    public int FalsePositives { get; init; }
    public int FalseNegatives { get; init; }
    public int TruePositives { get; init; }

    /// <summary>Sum of (probability − outcome)² over the labeled predictions.</summary>
    public double SquaredError { get; init; }

    /// <summary>The newest commit that the counts include; outcomes of later commits make the day due again.</summary>
    public long AsOfCommitId { get; init; }

    /// <summary>The newest counted prediction; later ones make their day due again.</summary>
    public long LastPredictionId { get; init; }

    /// <summary>Number of predictions with a known outcome.</summary>
    public int Labeled => TrueNegatives + FalsePositives + FalseNegatives + TruePositives;

    /// <summary>Number of correct predictions.</summary>
    public int Correct => TrueNegatives + TruePositives;
}

internal sealed class DailyPerformanceTable : IEntityTypeConfiguration<DailyPerformance>
{
    public void Configure(EntityTypeBuilder<DailyPerformance> days)
    {
        days.ToTable("daily_performance");
        days.HasKey(d => new { d.LogicalDate, d.IsLive });
        days.Ignore(d => d.Labeled);
        days.Ignore(d => d.Correct);
        days.HasIndex(d => d.AsOfCommitId);
    }
}
