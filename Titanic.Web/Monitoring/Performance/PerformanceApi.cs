using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Database;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring.Performance;

/// <summary><c>GET /api/monitoring/performance</c>: realized and estimated performance of a window.</summary>
internal static class PerformanceApi
{
    public static void MapPerformanceApi(this IEndpointRouteBuilder routes) => routes.MapGroup("/api/monitoring").WithTags("Monitoring")
        .MapGet("performance", Show).WithName("showPerformance").WithSummary("Show performance")
        .WithDescription("Metrics of the predictions of a window of at most 90 days with known outcomes, live and in-sample apart, with 95% intervals and "
            + "baselines on the same rows; the accuracy that is estimated without outcomes; and the live predictions by version, source, class and sex. "
            + "A metric that the rows do not define is null, for example rocAuc if all rows have the same outcome.");

    private static async Task<Results<Ok<PerformanceResponse>, ProblemHttpResult>> Show(
        [AsParameters] PerformanceRequest request, PerformanceReports reports, CancellationToken cancellation)
    {
        var (query, problems) = await request.Parse(cancellation);
        if (problems.Count > 0)
            return TypedResults.Problem(problems[0], statusCode: StatusCodes.Status400BadRequest);
        if (!query.IsDetailed)
            return TypedResults.Problem(
                ErrorText.OutOfRange("The number of days from from to to", query.Window.Days, 1, PerformanceReports.MaximumDays), statusCode: StatusCodes.Status400BadRequest);
        var report = await reports.Read(query.Rows, cancellation);
        var now = await reports.ReadChanges(query.Rows, cancellation) is { } changes
            ? PerformanceNowResponse.Of(changes, await reports.Read(query.Rows with { AsOf = null }, cancellation))
            : null;
        return TypedResults.Ok(PerformanceResponse.Of(query, report, now));
    }

    /// <summary>The query parameters of the performance.</summary>
    internal sealed record PerformanceRequest(
        HttpContext Http, TitanicDb Db, TimeProvider Clock,
        [property: Description("First day (UTC) of the passengers' event time or of the request. Default: 29 days before the last one.")] DateOnly? From,
        [property: Description("Last day (UTC). Default: today, or the day of asOf.")] DateOnly? To,
        [property: Description("Number of days that end today, or on the day of asOf, instead of from and to. Default: 30."), Range(1, PerformanceReports.MaximumDays)] int? Days,
        [property: Description("Only predictions of this model version."), Range(1, int.MaxValue)] int? Version,
        [property: Description("Only predictions of this source. Only those of batch inference have outcomes.")]
        [property: OneOf(PredictionSources.Batch, PredictionSources.Page, PredictionSources.Api)] string? Source,
        [property: Description("Only passengers of this class, this sex, or both."), PassengerSegment] string? Segment,
        [property: Description(FeatureStore.AsOf.Description + " Predictions and outcomes that were stored later are not included.")] string? AsOf)
    {
        public Task<(PerformanceQuery Query, IReadOnlyList<string> Problems)> Parse(CancellationToken cancellation) => PerformanceQuery.Parse(
            name => Http.Request.Query[name], DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime), Db, cancellation);
    }
}

/// <summary>The performance of a window.</summary>
/// <param name="From">First day.</param>
/// <param name="To">Last day.</param>
/// <param name="Version">The only version; null for all.</param>
/// <param name="Source">The only source; null for all.</param>
/// <param name="Segment">The only segment; null for all.</param>
/// <param name="AsOf">The last instant of the included predictions and outcomes; null for now.</param>
/// <param name="Live">
/// Live predictions. The estimated accuracy does not see changes of the relation between features and outcome (concept drift).
/// </param>
/// <param name="InSample">In-sample predictions, whose metrics are too optimistic.</param>
/// <param name="ByVersion">The live predictions by model version.</param>
/// <param name="BySource">The live predictions, and those of the page and the API, which have an estimate only.</param>
/// <param name="ByClass">The live predictions by class.</param>
/// <param name="BySex">The live predictions by sex.</param>
/// <param name="Now">The same predictions as known now; null unless <c>asOf</c> is given.</param>
public sealed record PerformanceResponse(
    DateOnly From, DateOnly To, int? Version, string? Source, string? Segment, DateTimeOffset? AsOf, PerformanceGroup Live, PerformanceGroup InSample,
    IReadOnlyList<PerformanceGroup> ByVersion, IReadOnlyList<PerformanceGroup> BySource, IReadOnlyList<PerformanceGroup> ByClass, IReadOnlyList<PerformanceGroup> BySex,
    PerformanceNowResponse? Now)
{
    internal static PerformanceResponse Of(PerformanceQuery query, PerformanceReport report, PerformanceNowResponse? now) => new(
        query.Window.From!.Value, query.Window.To!.Value, query.Rows.Version, query.Rows.Source, query.Rows.Segment, query.Rows.AsOf,
        report.Live, report.InSample, report.ByVersion, report.BySource, report.ByClass, report.BySex, now);
}

/// <summary>What is known now of a window whose performance is shown as of an earlier instant.</summary>
/// <param name="Changes">Outcomes of the predictions as of that instant that have changed since.</param>
/// <param name="Live">The live predictions, including those that were stored later.</param>
/// <param name="InSample">The in-sample predictions, including those that were stored later.</param>
public sealed record PerformanceNowResponse(OutcomeChanges Changes, PerformanceGroup Live, PerformanceGroup InSample)
{
    internal static PerformanceNowResponse Of(OutcomeChanges changes, PerformanceReport report) => new(changes, report.Live, report.InSample);
}
