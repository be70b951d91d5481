using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Access;
using Titanic.Web.Registry;

namespace Titanic.Web.Lifecycle;

/// <summary><c>/api/models/{version}/reproductions</c>: reproduces a version, and lists and shows the results.</summary>
internal static class ReproductionsApi
{
    public const int MaximumPageSize = 200;
    private const int DefaultPageSize = 50;

    public static void MapReproductionsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/models/{version}/reproductions").WithTags("Model registry");
        api.MapGet("", List).WithName("listReproductions").WithSummary("List reproductions of a version")
            .WithDescription("Results of all reproductions of the version, newest first.");
        api.MapGet("{id:long}", Show).WithName("showReproduction").WithSummary("Show a reproduction")
            .WithDescription("The verdict, the compared digests and the differences.");
        api.MapPost("", Reproduce).WithName("reproduceVersion").WithSummary("Reproduce a version")
            .WithDescription("Retrains and evaluates the version from its training rows, compares the result bit for bit, and stores it.")
            .RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies().LimitCostlyReads();
    }

    internal sealed record ReproductionServices(ModelRegistry Registry, Reproductions Reproductions);

    internal static async Task<Results<Ok<ReproductionPage>, ProblemHttpResult>> List(
        [Description("A version's number, or an alias."), Example(ModelAliases.Champion)] string version, [AsParameters] ReproductionServices services,
        CancellationToken cancellation,
        [Description("Returns only reproductions with a smaller number; omit it for the newest.")] long? before = null,
        [Description("Maximum number of reproductions on the page."), Example(10), Range(1, MaximumPageSize)] int limit = DefaultPageSize)
    {
        if (await services.Registry.FindNumber(version, cancellation) is not { } found)
            return NotFound(version);
        var results = await services.Reproductions.ForVersion(found, before, limit + 1, cancellation);
        return TypedResults.Ok(new ReproductionPage(
            [.. results.Take(limit).Select(ReproductionResponse.Of)],
            results.Count > limit ? FormattableString.Invariant($"/api/models/{found}/reproductions?before={results[limit - 1].ReproductionId}&limit={limit}") : null));
    }

    internal static async Task<Results<Ok<ReproductionResponse>, ProblemHttpResult>> Show(
        [Description("A version's number, or an alias."), Example(ModelAliases.Champion)] string version,
        [Description("Number of the reproduction."), Example(1)] long id, ModelRegistry registry, Reproductions reproductions,
        CancellationToken cancellation)
    {
        if (await registry.FindNumber(version, cancellation) is not { } found)
            return NotFound(version);
        return await reproductions.Find(found, id, cancellation) is { } result
            ? TypedResults.Ok(ReproductionResponse.Of(result))
            : Problem(FormattableString.Invariant($"Version {found} has no reproduction {id}."), StatusCodes.Status404NotFound);
    }

    internal static async Task<Results<Created<ReproductionResponse>, ProblemHttpResult>> Reproduce(
        [Description("A version's number, or an alias."), Example(ModelAliases.Champion)] string version,
        ModelRegistry registry, ModelReproduction reproduction, ClaimsPrincipal user, CancellationToken cancellation)
    {
        if (await registry.Find(version, cancellation) is not { } found)
            return NotFound(version);
        var result = await reproduction.Reproduce(found, AuditLog.CallerName(user), cancellation);
        return TypedResults.Created(FormattableString.Invariant($"/api/models/{found.Version}/reproductions/{result.ReproductionId}"), ReproductionResponse.Of(result));
    }

    private static ProblemHttpResult NotFound(string version) => Problem(ModelRegistry.NotFoundMessage(version), StatusCodes.Status404NotFound);

    private static ProblemHttpResult Problem(string detail, int status) => TypedResults.Problem(detail, statusCode: status);
}

/// <summary>The result of a reproduction; see <see cref="Reproduction"/> for the meaning of each member.</summary>
public sealed record ReproductionResponse(
    long Id, string Model, int Version, [property: OneOf<ReproductionVerdict>] string Verdict, string Summary,
    IReadOnlyList<string> Differences, string? LeftOut,
    DateTimeOffset ReproducedAt, double DurationInSeconds, [property: JsonPropertyName("askedBy")] string RequestedBy, long? RunId, DateOnly? AuditDate,
    string CodeVersion, string Platform, int VectorBits,
    string DatasetSha256, string? ReadDatasetSha256, string RegisteredSha256, string StoredSha256, string? ReproducedSha256,
    [property: JsonPropertyName("figuresCompared")] int MetricsCompared, [property: JsonPropertyName("figuresDifferent")] int MetricsDifferent)
{
    internal static ReproductionResponse Of(Reproduction result) => new(
        result.ReproductionId, result.ModelName, result.Version, result.Verdict.ToString().ToLowerInvariant(), result.Summary, result.Differences, result.LeftOut,
        result.ReproducedAt, result.Duration.TotalSeconds, result.RequestedBy, result.RunId, result.AuditDate,
        result.CodeVersion, result.Platform, result.VectorBits,
        result.DatasetSha256, result.ReadDatasetSha256, result.RegisteredSha256, result.StoredSha256, result.ReproducedSha256,
        result.MetricsCompared, result.MetricsDifferent);
}

/// <summary>Reproductions of a version, newest first.</summary>
/// <param name="Next">The URL of the next page; null on the last page.</param>
public sealed record ReproductionPage(IReadOnlyList<ReproductionResponse> Reproductions, string? Next);
