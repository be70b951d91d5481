using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary><c>GET /api/validations/{id}</c> and <c>GET /api/validations/{id}/rejections</c>.</summary>
internal static class ValidationsApi
{
    private const int MaximumPageSize = 1_000;

    public static void MapValidationsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/validations/{id:long}").WithTags("Feature store");
        api.MapGet("", Report).WithName("showValidation").WithSummary("Show a validation report")
            .WithDescription("The expectations and the number of rows that do not meet them.");
        api.MapGet("rejections", Rejections).WithName("listRejections").WithSummary("List rejected rows")
            .WithDescription("Sorted by line, with all reasons, one page per request. The rows contain what their sender wrote, such as names.")
            .RequireAuthorization(AccessPolicies.Operator);
    }

    internal static async Task<Results<Ok<ValidationReport>, ProblemHttpResult>> Report(
        [Description("Id of the validation report."), Example(1)] long id, TitanicDb db, CancellationToken cancellation) =>
        await db.ValidationReports.AsNoTracking().SingleOrDefaultAsync(report => report.ValidationId == id, cancellation) is { } report
            ? TypedResults.Ok(report)
            : NotFound(id);

    internal static async Task<Results<Ok<RejectionPage>, ProblemHttpResult>> Rejections(
        [Description("Id of the validation report."), Example(1)] long id, TitanicDb db, CancellationToken cancellation,
        [Description("Line of the last row of the previous page.")] long after = 0,
        [Description("Maximum number of rows on the page."), Example(10), Range(1, MaximumPageSize)] int limit = 100)
    {
        if (!await db.ValidationReports.AnyAsync(report => report.ValidationId == id, cancellation))
            return NotFound(id);
        var rows = await db.RejectedRows.Where(row => row.ValidationId == id && row.Line > after).OrderBy(row => row.Line).Take(limit + 1)
            .Select(row => new RejectionResponse(row.Line, row.Rules, row.Reasons, row.Excerpt)).ToListAsync(cancellation);
        var page = rows.Take(limit).ToList();
        return TypedResults.Ok(new RejectionPage(page, rows.Count > limit ? FormattableString.Invariant($"/api/validations/{id}/rejections?after={page[^1].Line}&limit={limit}") : null));
    }

    private static ProblemHttpResult NotFound(long id) =>
        TypedResults.Problem(NotFoundText.ValidationReport(id), statusCode: StatusCodes.Status404NotFound);
}

/// <summary>Rejected rows, sorted by line.</summary>
/// <param name="Next">The URL of the next page; null on the last page.</param>
public sealed record RejectionPage(IReadOnlyList<RejectionResponse> Rejections, string? Next);

/// <inheritdoc cref="Rejection"/>
public sealed record RejectionResponse(long Line, IReadOnlyList<string> Rules, IReadOnlyList<string> Reasons, string Excerpt);
