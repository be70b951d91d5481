using Npgsql;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Monitoring;

/// <summary>Brings <see cref="DailyPerformance"/> up to date.</summary>
public sealed class PerformanceRollup(NpgsqlDataSource postgres)
{
    /// <summary>
    /// Counts a day again, and every other day whose outcomes or predictions have changed since it was counted.
    /// </summary>
    /// <returns>The days that were counted.</returns>
    public async Task<IReadOnlyList<DateOnly>> Refresh(DateOnly day, CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var due = await DueDays(connection, day, cancellation);
        await using var command = new NpgsqlCommand(CountAgain, connection);
        command.Parameters.AddWithValue("days", due.ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return due;
    }

    private static async Task<List<DateOnly>> DueDays(NpgsqlConnection connection, DateOnly day, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(FindDueDays, connection);
        command.Parameters.AddWithValue("day", day);
        command.Parameters.AddWithValue("streams", PassengerSources.Streams.ToArray());
        var days = new List<DateOnly>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            days.Add(reader.GetFieldValue<DateOnly>(0));
        return days;
    }

    private const string FindDueDays =
        """
        with counted as (select coalesce(max(as_of_commit_id), 0) as commit_id from daily_performance)
        select @day::date as day
        union
        select (p.event_time at time zone 'UTC')::date
        from outcomes o
        join passengers p on p.passenger_id = o.passenger_id and p.superseded_by is null
        where o.commit_id > (select commit_id from counted) and p.source = any (@streams)
        union
        select a.logical_date
        from predictions a
        where a.passenger_id is not null
          and a.prediction_id > coalesce((select max(last_prediction_id) from daily_performance), 0)
        order by day
        """;

    private const string CountAgain =
        """
        delete from daily_performance where logical_date = any (@days);
        insert into daily_performance (logical_date, is_live, predictions, true_negatives, false_positives, false_negatives,
                                       true_positives, squared_error, as_of_commit_id, last_prediction_id)
        select a.logical_date, a.is_live, count(*),
               count(*) filter (where not a.survived and not o.survived),
               count(*) filter (where a.survived and not o.survived),
               count(*) filter (where not a.survived and o.survived),
               count(*) filter (where a.survived and o.survived),
               coalesce(sum(power(a.probability - o.survived::int, 2)), 0),
               (select coalesce(max(commit_id), 0) from commits),
               max(a.prediction_id)
        from predictions a
        left join outcomes o on o.passenger_id = a.passenger_id and o.superseded_by is null
        where a.passenger_id is not null and a.logical_date = any (@days)
        group by a.logical_date, a.is_live
        """;
}
