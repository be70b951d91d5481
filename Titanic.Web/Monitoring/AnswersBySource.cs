using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>
/// Who has asked lately: people on the page, programs through the API, batch inference. The answers of the first two never reached the
/// original's dashboard (S15). Settled days come from the roll-up; the others, today among them, are counted as they stand.
/// </summary>
public sealed class AnswersBySource(TitanicDb db)
{
    /// <summary>The days up to today that are told of.</summary>
    public const int Days = 30;

    // A day of the roll-up in which an answer arrived late is counted anew. The range of a day's numbers lets each source be read by its own
    // index, newest first, so that a busy API does not hide the few who use the page.
    private static FormattableString ByDay(DateOnly since, DateOnly until, long most, string[] sources) =>
        $"""
        with settled as materialized (
            select d.*
            from daily_answers d
            where d.logical_date between {since} and {until} and d.is_settled
              and not exists (
                select from predictions a
                where a.logical_date = d.logical_date
                  and a.prediction_id > (select max(n.last_prediction_id) from daily_answers n where n.logical_date = d.logical_date))
        ), standing as (
            select day::date as logical_date, numbers.first, numbers.last
            from generate_series({since}::timestamp, {until}::timestamp, '1 day') day
            cross join lateral (select min(prediction_id) as first, max(prediction_id) as last from predictions where logical_date = day::date) numbers
            where day::date not in (select logical_date from settled)
        )
        select logical_date, source, answers, surviving, probability_sum, false as is_at_least
        from settled
        union all
        select s.logical_date, asker, counted.answers, counted.surviving, counted.probability_sum, counted.answers = {most}
        from standing s
        cross join unnest({sources}) asker
        cross join lateral (
            select count(*) as answers, count(*) filter (where survived) as surviving, coalesce(sum(probability), 0) as probability_sum
            from (
                select a.survived, a.probability from predictions a
                where a.source = asker and a.logical_date = s.logical_date and a.prediction_id between s.first and s.last
                order by a.prediction_id desc
                limit {most}) newest) counted
        where counted.answers > 0
        order by logical_date desc
        """;

    /// <summary>The <see cref="Days"/> that end today.</summary>
    public async Task<AnswerSummary> Read(DateOnly today, CancellationToken cancellation)
    {
        var since = today.AddDays(1 - Days);
        var days = await db.Database.SqlQuery<CountedAnswers>(
            ByDay(since, today, most: PredictionSql.MostCounted, [.. PredictionFilter.Sources])).ToListAsync(cancellation);
        return new AnswerSummary(since, today, [.. days.Select(day => day.ToAnswersOfDay())]);
    }

    private sealed record CountedAnswers(DateOnly LogicalDate, string Source, long Answers, long Surviving, double ProbabilitySum, bool IsAtLeast)
    {
        public AnswersOfDay ToAnswersOfDay() => new(LogicalDate, Source, new AnswerFigures(Answers, Surviving, ProbabilitySum, IsAtLeast));
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

/// <summary>Answers by day and by who asked.</summary>
/// <param name="Since">First logical date.</param>
/// <param name="Until">Last logical date.</param>
/// <param name="Days">Newest first; a day and source without answers is left out.</param>
public sealed record AnswerSummary(DateOnly Since, DateOnly Until, IReadOnlyList<AnswersOfDay> Days)
{
    /// <summary>All days of a source together.</summary>
    public AnswerFigures Of(string source) => Days.Where(day => day.Source == source).Aggregate(AnswerFigures.None, (sum, day) => sum + day.Figures);

    public AnswerFigures Of(string source, DateOnly day) => Days.FirstOrDefault(found => found.Source == source && found.Day == day)?.Figures ?? AnswerFigures.None;
}

/// <param name="Source">One of <see cref="PredictionFilter.Sources"/>.</param>
public sealed record AnswersOfDay(DateOnly Day, string Source, AnswerFigures Figures);

/// <param name="Surviving">Answers that say "survived".</param>
/// <param name="ProbabilitySum">Sum of the probabilities of survival.</param>
/// <param name="AreAtLeast">Only the newest were looked through, so there are more.</param>
public sealed record AnswerFigures(long Answers, long Surviving, double ProbabilitySum, bool AreAtLeast)
{
    public static AnswerFigures None { get; } = new(0, 0, 0, false);

    /// <summary>Of the answers that say "survived", 0..1; null without answers.</summary>
    public double? SurvivingShare => Answers == 0 ? null : (double)Surviving / Answers;

    /// <summary>The mean chance of survival, 0..1: it shifts when other people are asked about, or another model answers.</summary>
    public double? MeanProbability => Answers == 0 ? null : ProbabilitySum / Answers;

    public static AnswerFigures operator +(AnswerFigures one, AnswerFigures other) => new(
        one.Answers + other.Answers, one.Surviving + other.Surviving, one.ProbabilitySum + other.ProbabilitySum, one.AreAtLeast || other.AreAtLeast);
}

/// <summary><c>GET /api/monitoring/answers</c>: who asks, as the dashboard tells it.</summary>
internal static class AnswersApi
{
    public static void MapAnswersApi(this IEndpointRouteBuilder routes) => routes.MapGroup("/api/monitoring").WithTags("Monitoring")
        .MapGet("answers", Show).WithName("showAnswersBySource").WithSummary("Show prediction traffic")
        .WithDescription($"Predictions of the last {AnswersBySource.Days} days by source (ui, api or batch), in total and by day.");

    private static async Task<Ok<AnswersAnswer>> Show(AnswersBySource answers, TimeProvider clock, CancellationToken cancellation)
    {
        var summary = await answers.Read(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), cancellation);
        return TypedResults.Ok(new AnswersAnswer(
            summary.Since, summary.Until,
            [.. PredictionFilter.Sources.Select(source => SourceAnswer.Of(source, summary.Of(source)))],
            [.. summary.Days.Select(day => new SourceDayAnswer(day.Day, SourceAnswer.Of(day.Source, day.Figures)))]));
    }
}

/// <param name="Since">First logical date.</param>
/// <param name="Until">Last logical date: today.</param>
/// <param name="Days">Newest first; a day and source without answers is left out.</param>
public sealed record AnswersAnswer(DateOnly Since, DateOnly Until, IReadOnlyList<SourceAnswer> Sources, IReadOnlyList<SourceDayAnswer> Days);

/// <param name="Source">ui, api or batch.</param>
/// <param name="Surviving">Answers that say "survived".</param>
/// <param name="MeanProbability">Of survival, 0..1; null without answers.</param>
/// <param name="AreAtLeast">True where a day that is not settled has more answers than are looked through.</param>
public sealed record SourceAnswer(string Source, long Answers, long Surviving, double? MeanProbability, bool AreAtLeast)
{
    internal static SourceAnswer Of(string source, AnswerFigures figures) => new(source, figures.Answers, figures.Surviving, figures.MeanProbability, figures.AreAtLeast);
}

public sealed record SourceDayAnswer(DateOnly Day, SourceAnswer Answers);
