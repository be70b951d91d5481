using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Titanic.Web.Lifecycle;

/// <summary><c>GET /api/models/compare</c>.</summary>
internal static class ComparisonApi
{
    public static void MapComparisonApi(this IEndpointRouteBuilder routes) => routes.MapGet("/api/models/compare", Compare).WithName("compareVersions")
            .WithSummary("Compare two model versions")
            .WithDescription("Whose fate changes, metrics on identical rows with paired intervals, settings, and how many rows are new.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithTags("Model registry");

    internal static async Task<Results<Ok<VersionComparison>, ProblemHttpResult>> Compare(
        [Description("A version's number, or an alias.")] string? a,
        [Description("Another; differences are its figure minus the first's.")] string? b, VersionComparer comparer, CancellationToken cancellation)
    {
        try
        {
            return TypedResults.Ok(await comparer.Compare(a, b, cancellation));
        }
        catch (UnknownVersionException unknown)
        {
            return TypedResults.Problem(
                $"{unknown.Side}: {unknown.Message}", statusCode: string.IsNullOrWhiteSpace(unknown.Side == "a" ? a : b) ? StatusCodes.Status400BadRequest : StatusCodes.Status404NotFound);
        }
    }
}
