using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Monitoring.Drift;

/// <summary><c>GET /api/monitoring/drift</c>: the drift alarms, with the values of every look of the period.</summary>
internal static class DriftApi
{
    public static void MapDriftApi(this IEndpointRouteBuilder routes) => routes.MapGroup("/api/monitoring").WithTags("Monitoring")
        .MapGet("drift", Show).WithName("showDrift").WithSummary("Show drift alarms")
        .WithDescription("The accuracy alarm and the alarms for inputs, predicted probability and outcome: evidence, level of the alarm, when it was raised "
            + "and the estimated day of the change. 204 until the monitoring pipeline has run with a champion.")
        .Produces(StatusCodes.Status204NoContent);

    private static async Task<Results<Ok<DriftResponse>, NoContent, ProblemHttpResult>> Show(
        DriftReader drift, TitanicDb db, [Description(AsOf.Description + " Looks that were stored later are not included.")] string? asOf, CancellationToken cancellation)
    {
        try
        {
            var until = string.IsNullOrWhiteSpace(asOf) ? (DateTimeOffset?)null : (await AsOf.Resolve(db, asOf, cancellation)).Instant;
            return await drift.Read(until, cancellation) is { } state ? TypedResults.Ok(DriftResponse.Of(state)) : TypedResults.NoContent();
        }
        catch (UnknownAsOfException unknown)
        {
            return TypedResults.Problem(unknown.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }
}

/// <summary>The drift alarms.</summary>
/// <param name="StartedOn">The day on which the detectors started.</param>
/// <param name="Reason">Why they started.</param>
/// <param name="ModelVersion">The champion at the start, whose held-out accuracy and training rows are the reference.</param>
/// <param name="FalseAlarmRate">
/// Largest share of horizons without drift in which the accuracy alarm is raised, and largest share in which any other alarm is raised.
/// </param>
/// <param name="HorizonDays">Number of looks of a horizon.</param>
/// <param name="Looks">One for each day, oldest first.</param>
public sealed record DriftResponse(
    DateOnly StartedOn, string Reason, int ModelVersion, double FalseAlarmRate, int HorizonDays, AccuracyAlarmResponse Accuracy,
    IReadOnlyList<FeatureAlarmResponse> Features, IReadOnlyList<DriftLookResponse> Looks)
{
    internal static DriftResponse Of(DriftState state)
    {
        var (period, accuracy) = (state.Period, state.Accuracy);
        return new(
            period.StartedOn, period.Reason, period.ModelVersion, period.FalseAlarmRate, period.HorizonDays,
            new(accuracy.Alarm, accuracy.Since, accuracy.Baseline, Finite(accuracy.LogValue), accuracy.LogThreshold, accuracy.Realized.Successes, accuracy.Realized.Trials,
                accuracy.Delays, accuracy.RowsPerLook, accuracy.Power),
            [.. state.Features.Select(of => new FeatureAlarmResponse(
                of.Feature.Name, of.Alarm, of.Since, Finite(of.LogValue), of.LogThreshold, of.CurrentFrom,
                [.. of.Feature.Categories.Select((category, index) => new CategoryRowsResponse(category, of.Reference[index], of.Current[index]))], of.Effect))],
            [.. state.Looks.Select(look => new DriftLookResponse(look.LogicalDate, look.ChampionVersion, look.Correct, look.Rows, Finite(look.LogValue), look.IsAccuracyAlarm, look.IsInputAlarm))]);
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

/// <summary>The accuracy alarm.</summary>
/// <param name="RaisedOn">Null without an alarm.</param>
/// <param name="Since">Estimated day of the fall; null without an alarm.</param>
/// <param name="Baseline">99% lower bound of the held-out accuracy; an alarm means that the accuracy is less.</param>
/// <param name="LogValue">Natural logarithm of the evidence; null before the first outcome.</param>
/// <param name="LogThreshold">Natural logarithm of the evidence that raises the alarm.</param>
/// <param name="Correct">Correct predictions since the start.</param>
/// <param name="Rows">Live predictions since the start with a known outcome.</param>
/// <param name="Delays">Delays of these outcomes; null unless both outcomes have a row.</param>
/// <param name="RowsPerLook">Mean number of outcomes of the newest 14 looks.</param>
/// <param name="Power">How soon falls of the accuracy are found at this number of outcomes.</param>
public sealed record AccuracyAlarmResponse(
    DateOnly? RaisedOn, DateOnly? Since, double Baseline, double? LogValue, double LogThreshold, int Correct, int Rows, OutcomeDelays? Delays,
    double RowsPerLook, IReadOnlyList<DetectionPower> Power);

/// <summary>The alarm of one feature.</summary>
/// <param name="RaisedOn">Null without an alarm.</param>
/// <param name="Since">Estimated day of the change; null without an alarm.</param>
/// <param name="LogValue">Natural logarithm of the evidence; null before the first row.</param>
/// <param name="LogThreshold">Natural logarithm of the evidence that raises the alarm.</param>
/// <param name="CurrentFrom">First day of the new rows; null without rows.</param>
/// <param name="Effect">Effect sizes, which raise no alarm; null without new rows.</param>
public sealed record FeatureAlarmResponse(
    string Name, DateOnly? RaisedOn, DateOnly? Since, double? LogValue, double LogThreshold, DateOnly? CurrentFrom,
    IReadOnlyList<CategoryRowsResponse> Categories, EffectSizes? Effect);

/// <summary>Rows of one category.</summary>
/// <param name="Reference">Training rows of the champion.</param>
/// <param name="Current">New rows.</param>
public sealed record CategoryRowsResponse(string Category, long Reference, long Current);

/// <summary>One evaluation of the detectors.</summary>
/// <param name="Correct">Correct ones of <paramref name="Rows"/>.</param>
/// <param name="Rows">Outcomes that arrived since the previous look.</param>
/// <param name="LogValue">Natural logarithm of the evidence of a fall of the accuracy; null before the first outcome.</param>
public sealed record DriftLookResponse(
    DateOnly Day, int ChampionVersion, int Correct, int Rows, double? LogValue, bool IsAccuracyAlarm, bool IsInputAlarm);
