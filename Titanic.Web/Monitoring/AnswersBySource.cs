using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>
/// Reads the number of recent predictions by source: page, API and batch inference. Settled days are read from the roll-up; other days,
/// including today, are counted. (S15: the original dashboard showed batch predictions only.)
/// </summary>
public sealed class AnswersBySource(TitanicDb db)
{
    /// <summary>Length of the reported period in days; it ends today.</summary>
    public const int Days = 30;

    // A settled day with a prediction that is newer than its roll-up is counted again. The range of a day's prediction ids allows an
    // index scan for each source, newest first, so that the limit applies to each source and many API predictions do not hide the others.
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
        select s.logical_date, origin, counted.answers, counted.surviving, counted.probability_sum, counted.answers = {most}
        from standing s
        cross join unnest({sources}) origin
        cross join lateral (
            select count(*) as answers, count(*) filter (where survived) as surviving, coalesce(sum(probability), 0) as probability_sum
            from (
                select a.survived, a.probability from predictions a
                where a.source = origin and a.logical_date = s.logical_date and a.prediction_id between s.first and s.last
                order by a.prediction_id desc
                limit {most}) newest) counted
        where counted.answers > 0
        order by logical_date desc
        """;

    /// <summary>Reads the <see cref="Days"/> that end with a day.</summary>
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

    /// <summary>The newest predictions for the page and the API, newest first; batch predictions are excluded.</summary>
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

/// <summary>The number of predictions by day and source.</summary>
/// <param name="Since">First logical date.</param>
/// <param name="Until">Last logical date.</param>
/// <param name="Days">Newest first; a day and source without predictions is left out.</param>
public sealed record AnswerSummary(DateOnly Since, DateOnly Until, IReadOnlyList<AnswersOfDay> Days)
{
    /// <summary>The total of all days for a source.</summary>
    public AnswerFigures Of(string source) => Days.Where(day => day.Source == source).Aggregate(AnswerFigures.None, (sum, day) => sum + day.Figures);

    /// <summary>The values of one day and source; <see cref="AnswerFigures.None"/> without predictions.</summary>
    public AnswerFigures Of(string source, DateOnly day) => Days.FirstOrDefault(found => found.Source == source && found.Day == day)?.Figures ?? AnswerFigures.None;
}

/// <summary>The predictions of one day and source.</summary>
/// <param name="Source">One of <see cref="PredictionFilter.Sources"/>.</param>
public sealed record AnswersOfDay(DateOnly Day, string Source, AnswerFigures Figures);

/// <summary>Counts of predictions.</summary>
/// <param name="Answers">Number of predictions.</param>
/// <param name="Surviving">Number of predictions of the class "survived".</param>
/// <param name="ProbabilitySum">Sum of the predicted probabilities of survival.</param>
/// <param name="AreAtLeast">
/// Whether counting stopped at <see cref="PredictionSql.MostCounted"/>, so that the numbers are lower bounds.
/// </param>
public sealed record AnswerFigures(long Answers, long Surviving, double ProbabilitySum, bool AreAtLeast)
{
    public static AnswerFigures None { get; } = new(0, 0, 0, false);

    /// <summary>Share of predictions of the class "survived", 0..1; null without predictions.</summary>
    public double? SurvivingShare => Answers == 0 ? null : (double)Surviving / Answers;

    /// <summary>
    /// Mean predicted probability of survival, 0..1; null without predictions. It shifts when the inputs or the model change.
    /// </summary>
    public double? MeanProbability => Answers == 0 ? null : ProbabilitySum / Answers;

    public static AnswerFigures operator +(AnswerFigures one, AnswerFigures other) => new(
        one.Answers + other.Answers, one.Surviving + other.Surviving, one.ProbabilitySum + other.ProbabilitySum, one.AreAtLeast || other.AreAtLeast);
}

/// <summary><c>GET /api/monitoring/answers</c>: the number of predictions by source.</summary>
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

/// <summary>The number of predictions by source, in total and by day.</summary>
/// <param name="Since">First logical date.</param>
/// <param name="Until">Last logical date: today.</param>
/// <param name="Sources">The totals, one for each source.</param>
/// <param name="Days">Newest first; a day and source without predictions is left out.</param>
public sealed record AnswersAnswer(DateOnly Since, DateOnly Until, IReadOnlyList<SourceAnswer> Sources, IReadOnlyList<SourceDayAnswer> Days);

/// <summary>The predictions of one source.</summary>
/// <param name="Source">ui, api or batch.</param>
/// <param name="Answers">Number of predictions.</param>
/// <param name="Surviving">Number of predictions of the class "survived".</param>
/// <param name="MeanProbability">Mean predicted probability of survival, 0..1; null without predictions.</param>
/// <param name="AreAtLeast">
/// True when a day that is not settled has more predictions than are counted; the numbers are lower bounds.
/// </param>
public sealed record SourceAnswer(string Source, long Answers, long Surviving, double? MeanProbability, bool AreAtLeast)
{
    internal static SourceAnswer Of(string source, AnswerFigures figures) => new(source, figures.Answers, figures.Surviving, figures.MeanProbability, figures.AreAtLeast);
}

/// <summary>The predictions of one day and source.</summary>
public sealed record SourceDayAnswer(DateOnly Day, SourceAnswer Answers);
