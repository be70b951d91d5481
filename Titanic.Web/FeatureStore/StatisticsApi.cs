using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary><c>GET /api/statistics</c>.</summary>
internal static class StatisticsApi
{
    public static void MapStatisticsApi(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/api").WithTags("Feature store").MapGet("/statistics", Show).WithName("showStatistics")
            .WithSummary("Show statistics of features")
            .WithDescription("Counts, moments, percentiles and histograms, as of any commit.")
            .ProducesProblem(StatusCodes.Status404NotFound);

    /// <param name="asOf">A commit, a day or an instant; now when it is left out. See <see cref="AsOf.Resolve"/>.</param>
    /// <param name="scope">One of <see cref="StatisticsReader.Scopes"/>; all sources when it is left out.</param>
    internal static async Task<Results<Ok<StatisticsAnswer>, ProblemHttpResult>> Show(
        string? asOf, string? scope, StatisticsReader reader, TitanicDb db, CancellationToken cancellation)
    {
        scope = string.IsNullOrWhiteSpace(scope) ? FeatureStatistics.All : scope.Trim();
        if (StatisticsReader.ProblemOf(scope) is { } problem)
            return TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        try
        {
            var at = await AsOf.Resolve(db, asOf, cancellation);
            return TypedResults.Ok(StatisticsAnswer.Of(at, scope, await reader.Read(scope, at.CommitId, cancellation)));
        }
        catch (UnknownAsOfException unknown)
        {
            // Who asks an empty store for what is there now has asked nothing wrong.
            var status = string.IsNullOrWhiteSpace(asOf) ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest;
            return TypedResults.Problem(unknown.Message, statusCode: status);
        }
    }
}
