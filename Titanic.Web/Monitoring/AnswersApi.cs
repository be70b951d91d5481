using Microsoft.AspNetCore.Http.HttpResults;

namespace Titanic.Web.Monitoring;

/// <summary><c>GET /api/monitoring/answers</c>: who asks, as the dashboard tells it.</summary>
internal static class AnswersApi
{
    public static void MapAnswersApi(this IEndpointRouteBuilder routes) => routes.MapGroup("/api/monitoring").WithTags("Monitoring")
        .MapGet("answers", Show).WithName("showAnswersBySource")
        .WithSummary("Who asks")
        .WithDescription($"Answers of the last {AnswersBySource.Days} days by who asked (ui: people on the page, api: programs, batch), in all and by day.");

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
