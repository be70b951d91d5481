using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Database;
using Titanic.Web.Monitoring.Performance;

namespace Titanic.Web.Monitoring.WhatIf;

/// <summary><c>GET /api/monitoring/what-if</c>: the live predictions of a window under other serving policies.</summary>
internal static class WhatIfApi
{
    public static void MapWhatIfApi(this IEndpointRouteBuilder routes) => routes.MapGroup("/api/monitoring").WithTags("Monitoring")
        .MapGet("what-if", Show).WithName("showWhatIf").WithSummary("Show the what-if history")
        .WithDescription("Accuracy and Brier score of the live predictions of a window of at most 90 days with known outcomes: as served, by the newest version that "
            + "the promotion gate had promoted, by the newest version, and by the first version, with the paired difference of each from what was served. "
            + "Without asOf as known now.")
        .ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<Results<Ok<WhatIfResponse>, ProblemHttpResult>> Show([AsParameters] WhatIfRequest request, WhatIfReports reports, CancellationToken cancellation)
    {
        var (query, problems) = await request.Parse(cancellation);
        if (problems.Count > 0)
            return TypedResults.Problem(problems[0], statusCode: StatusCodes.Status400BadRequest);
        if (!query.IsDetailed)
            return TypedResults.Problem(
                ErrorText.OutOfRange("The number of days from from to to", query.Window.Days, 1, PerformanceReports.MaximumDays), statusCode: StatusCodes.Status400BadRequest);
        try
        {
            var report = await reports.Read(query, cancellation);
            return TypedResults.Ok(new WhatIfResponse(query.Window.From!.Value, query.Window.To!.Value, query.Rows.AsOf, report.Policies));
        }
        catch (InvalidDataException corrupt)
        {
            return TypedResults.Problem(corrupt.Message, statusCode: StatusCodes.Status409Conflict);
        }
    }

    /// <summary>The query parameters of the what-if history.</summary>
    internal sealed record WhatIfRequest(
        HttpContext Http, TitanicDb Db, TimeProvider Clock,
        [property: Description("First day (UTC) of the passengers' event time. Default: 29 days before the last one.")] DateOnly? From,
        [property: Description("Last day (UTC). Default: today.")] DateOnly? To,
        [property: Description("Number of days that end today, instead of from and to. Default: 30."), Range(1, PerformanceReports.MaximumDays)] int? Days,
        [property: Description(FeatureStore.AsOf.Description + " Predictions and outcomes that were stored later are not included.")] string? AsOf)
    {
        public Task<(PerformanceQuery Query, IReadOnlyList<string> Problems)> Parse(CancellationToken cancellation) => PerformanceQuery.Parse(
            name => Http.Request.Query[name], DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime), Db, cancellation);
    }
}

/// <summary>The what-if history of a window.</summary>
/// <param name="From">First day.</param>
/// <param name="To">Last day.</param>
/// <param name="AsOf">The last instant of the included predictions and outcomes; null for the state of the last monitoring run.</param>
/// <param name="Policies">
/// As served, by the gate's choice, by the newest and by the first version; all on the same predictions. Manual promotions and rollbacks
/// change what was served, and the champion with which the gate compared later versions.
/// </param>
public sealed record WhatIfResponse(DateOnly From, DateOnly To, DateTimeOffset? AsOf, IReadOnlyList<PolicyPerformance> Policies);
