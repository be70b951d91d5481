using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring;

/// <summary>
/// Reads the number of recent predictions by source: page, API and batch inference. (S15: the original dashboard showed batch predictions
/// only.)
/// </summary>
public sealed class PredictionVolume(TitanicDb db)
{
    /// <summary>Length of the reported period in days; it ends today.</summary>
    public const int PeriodDays = 30;

    /// <summary>Reads the <see cref="PeriodDays"/> that end with a day.</summary>
    public static async Task<PredictionVolumeSummary> Read(RollupSnapshot predictions, DateOnly today, CancellationToken cancellation)
    {
        var since = today.AddDays(1 - PeriodDays);
        return new PredictionVolumeSummary(since, today, await predictions.ReadVolume(since, today, cancellation));
    }

    /// <summary>The newest predictions for the page and the API, newest first; batch predictions are excluded.</summary>
    /// <param name="count">Maximum number of predictions.</param>
    /// <param name="asOf">Only predictions that were made by this instant, inclusive; null means now.</param>
    /// <param name="cancellation">Cancels the query.</param>
    public async Task<IReadOnlyList<Prediction>> ReadNewest(int count, DateTimeOffset? asOf, CancellationToken cancellation)
    {
        return await Newest(PredictionSources.Page).Concat(Newest(PredictionSources.Api)).OrderByDescending(prediction => prediction.PredictionId).Take(count).ToListAsync(cancellation);

        IQueryable<Prediction> Newest(string source) => db.Predictions.AsNoTracking().Where(prediction => prediction.Source == source && (asOf == null || prediction.CreatedAt <= asOf))
            .OrderByDescending(prediction => prediction.PredictionId).Take(count);
    }
}

/// <summary>The number of predictions by day and source.</summary>
/// <param name="Since">First logical date.</param>
/// <param name="Until">Last logical date.</param>
/// <param name="Days">Newest first; a day and source without predictions is left out.</param>
public sealed record PredictionVolumeSummary(DateOnly Since, DateOnly Until, IReadOnlyList<DailyVolume> Days)
{
    /// <summary>The total of all days for a source.</summary>
    public VolumeMetrics For(string source) => Days.Where(day => day.Source == source).Aggregate(VolumeMetrics.None, (sum, day) => sum + day.Metrics);

    /// <summary>The values of one day and source; <see cref="VolumeMetrics.None"/> without predictions.</summary>
    public VolumeMetrics For(string source, DateOnly day) => Days.FirstOrDefault(found => found.Source == source && found.Day == day)?.Metrics ?? VolumeMetrics.None;
}

/// <summary>The predictions of one day and source.</summary>
/// <param name="Source">One of <see cref="PredictionSources"/>.</param>
public sealed record DailyVolume(DateOnly Day, string Source, VolumeMetrics Metrics)
{
    internal static DailyVolume Of(PredictionCell cell) => new(
        cell.LogicalDate, cell.Source, new(cell.Predictions, cell.Survived ? cell.Predictions : 0, cell.Predictions * cell.Probability, AreLowerBounds: false));
}

/// <summary>Counts of predictions.</summary>
/// <param name="Predictions">Number of predictions.</param>
/// <param name="PredictedSurvivors">Number of predictions of the class "survived".</param>
/// <param name="ProbabilitySum">Sum of the predicted probabilities of survival.</param>
/// <param name="AreLowerBounds">
/// Whether counting stopped at <see cref="PredictionSql.MaximumCountedRows"/>, so that the numbers are lower bounds.
/// </param>
public sealed record VolumeMetrics(long Predictions, long PredictedSurvivors, double ProbabilitySum, bool AreLowerBounds)
{
    public static VolumeMetrics None { get; } = new(0, 0, 0, false);

    /// <summary>Share of predictions of the class "survived", 0..1; null without predictions.</summary>
    public double? PredictedSurvivalRate => Predictions == 0 ? null : (double)PredictedSurvivors / Predictions;

    /// <summary>
    /// Mean predicted probability of survival, 0..1; null without predictions. It shifts when the inputs or the model change.
    /// </summary>
    public double? MeanProbability => Predictions == 0 ? null : ProbabilitySum / Predictions;

    public static VolumeMetrics operator +(VolumeMetrics one, VolumeMetrics other) => new(
        one.Predictions + other.Predictions, one.PredictedSurvivors + other.PredictedSurvivors, one.ProbabilitySum + other.ProbabilitySum, one.AreLowerBounds || other.AreLowerBounds);
}

/// <summary><c>GET /api/monitoring/answers</c>: the number of predictions by source.</summary>
internal static class PredictionVolumeApi
{
    public static void MapPredictionVolumeApi(this IEndpointRouteBuilder routes) => routes.MapGroup("/api/monitoring").WithTags("Monitoring")
        .MapGet("answers", Show).WithName("showAnswersBySource").WithSummary("Show prediction traffic")
        .WithDescription($"Predictions of the last {PredictionVolume.PeriodDays} days by source (ui, api or batch), in total and by day.");

    private static async Task<Ok<PredictionVolumeResponse>> Show(RollupReader rollups, TimeProvider clock, CancellationToken cancellation)
    {
        await using var predictions = await rollups.Open(cancellation);
        var summary = await PredictionVolume.Read(predictions, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), cancellation);
        return TypedResults.Ok(new PredictionVolumeResponse(
            summary.Since, summary.Until,
            [.. PredictionSources.All.Select(source => SourceVolumeResponse.Of(source, summary.For(source)))],
            [.. summary.Days.Select(day => new DailySourceVolumeResponse(day.Day, SourceVolumeResponse.Of(day.Source, day.Metrics)))]));
    }
}

/// <summary>The number of predictions by source, in total and by day.</summary>
/// <param name="Since">First logical date.</param>
/// <param name="Until">Last logical date: today.</param>
/// <param name="Sources">The totals, one for each source.</param>
/// <param name="Days">Newest first; a day and source without predictions is left out.</param>
public sealed record PredictionVolumeResponse(DateOnly Since, DateOnly Until, IReadOnlyList<SourceVolumeResponse> Sources, IReadOnlyList<DailySourceVolumeResponse> Days);

/// <summary>The predictions of one source.</summary>
/// <param name="Source">ui, api or batch.</param>
/// <param name="Predictions">Number of predictions.</param>
/// <param name="Surviving">Number of predictions of the class "survived".</param>
/// <param name="MeanProbability">Mean predicted probability of survival, 0..1; null without predictions.</param>
/// <param name="AreAtLeast">
/// True when a day that is not settled has more predictions than are counted; the numbers are lower bounds.
/// </param>
public sealed record SourceVolumeResponse(string Source, [property: JsonPropertyName("answers")] long Predictions, long Surviving, double? MeanProbability, bool AreAtLeast)
{
    internal static SourceVolumeResponse Of(string source, VolumeMetrics metrics) => new(source, metrics.Predictions, metrics.PredictedSurvivors, metrics.MeanProbability, metrics.AreLowerBounds);
}

/// <summary>The predictions of one day and source.</summary>
public sealed record DailySourceVolumeResponse(DateOnly Day, [property: JsonPropertyName("answers")] SourceVolumeResponse Predictions);
