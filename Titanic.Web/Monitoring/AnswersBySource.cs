using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>
/// Who has asked lately: people on the page, programs through the API, batch inference. The answers of the first two never reached the
/// original's dashboard (S15). Settled days come from the roll-up; the others, today among them, are counted as they stand.
/// </summary>
public sealed class AnswersBySource(TitanicDb db, NpgsqlDataSource postgres)
{
    /// <summary>The days up to today that are told of.</summary>
    public const int Days = 30;

    // A day of the roll-up in which an answer arrived late is counted anew. The range of a day's numbers lets each source be read by its own
    // index, newest first, so that a busy API does not hide the few who use the page.
    private const string ByDay =
        """
        with settled as materialized (
            select d.*
            from daily_answers d
            where d.logical_date between @since and @until and d.is_settled
              and not exists (
                select from predictions a
                where a.logical_date = d.logical_date
                  and a.prediction_id > (select max(n.last_prediction_id) from daily_answers n where n.logical_date = d.logical_date))
        ), standing as (
            select day::date as logical_date, numbers.first, numbers.last
            from generate_series(@since::timestamp, @until::timestamp, '1 day') day
            cross join lateral (select min(prediction_id) as first, max(prediction_id) as last from predictions where logical_date = day::date) numbers
            where day::date not in (select logical_date from settled)
        )
        select logical_date, source, answers, surviving, probability_sum, false as is_at_least
        from settled
        union all
        select s.logical_date, asker, counted.answers, counted.surviving, counted.probability_sum, counted.answers = @most
        from standing s
        cross join unnest(@sources) asker
        cross join lateral (
            select count(*) as answers, count(*) filter (where survived) as surviving, coalesce(sum(probability), 0) as probability_sum
            from (
                select a.survived, a.probability from predictions a
                where a.source = asker and a.logical_date = s.logical_date and a.prediction_id between s.first and s.last
                order by a.prediction_id desc
                limit @most) newest) counted
        where counted.answers > 0
        order by logical_date desc
        """;

    /// <summary>The <see cref="Days"/> that end today.</summary>
    public async Task<AnswerSummary> Read(DateOnly today, CancellationToken cancellation)
    {
        var since = today.AddDays(1 - Days);
        await using var command = postgres.CreateCommand(ByDay);
        command.Parameters.AddWithValue("since", since);
        command.Parameters.AddWithValue("until", today);
        command.Parameters.AddWithValue("most", (long)PredictionSql.MostCounted);
        command.Parameters.AddWithValue("sources", PredictionFilter.Sources.ToArray());
        var days = new List<AnswersOfDay>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            days.Add(new AnswersOfDay(
                reader.GetFieldValue<DateOnly>(0), reader.GetString(1), new AnswerFigures(reader.GetInt64(2), reader.GetInt64(3), reader.GetDouble(4), reader.GetBoolean(5))));
        }
        return new AnswerSummary(since, today, days);
    }

    /// <summary>The newest answers to people and programs, newest first.</summary>
    public async Task<IReadOnlyList<Prediction>> Newest(int count, CancellationToken cancellation)
    {
        var newest = new List<Prediction>();
        foreach (var source in (string[])[PredictionSources.Page, PredictionSources.Api])
        {
            newest.AddRange(await db.Predictions.AsNoTracking().Where(prediction => prediction.Source == source)
                .OrderByDescending(prediction => prediction.PredictionId).Take(count).ToListAsync(cancellation));
        }
        return [.. newest.OrderByDescending(prediction => prediction.PredictionId).Take(count)];
    }
}
