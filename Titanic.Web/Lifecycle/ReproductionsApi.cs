using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Access;
using Titanic.Web.Registry;

namespace Titanic.Web.Lifecycle;

/// <summary><c>/api/models/{version}/reproductions</c>: reproduces a version, and lists and shows the results.</summary>
internal static class ReproductionsApi
{
    public const int LongestPage = 200;
    private const int DefaultPage = 50;

    public static void MapReproductionsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/models/{version}/reproductions").WithTags("Model registry");
        api.MapGet("", List).WithName("listReproductions").WithSummary("List reproductions of a version")
            .WithDescription("Results of all reproductions of the version, newest first.");
        api.MapGet("{id:long}", Show).WithName("showReproduction").WithSummary("Show a reproduction")
            .WithDescription("The verdict, the compared digests and the differences.");
        api.MapPost("", Make).WithName("reproduceVersion").WithSummary("Reproduce a version")
            .WithDescription("Retrains and evaluates the version from its training rows, compares the result bit by bit, and stores it.")
            .RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies();
    }

    internal sealed record Stored(ModelRegistry Registry, Reproductions Reproductions);

    internal static async Task<Results<Ok<ReproductionPage>, ProblemHttpResult>> List(
        [Description("A version's number, or an alias."), Example(ModelAliases.Champion)] string version, [AsParameters] Stored stored,
        CancellationToken cancellation,
        [Description("Returns only reproductions with a smaller number; omit it for the newest.")] long? before = null,
        [Description("Maximum number of reproductions on the page."), Example(10), Range(1, LongestPage)] int limit = DefaultPage)
    {
        if (await stored.Registry.NumberOf(version, cancellation) is not { } found)
            return Missing(version);
        var results = await stored.Reproductions.Of(found, before, limit + 1, cancellation);
        return TypedResults.Ok(new ReproductionPage(
            [.. results.Take(limit).Select(ReproductionAnswer.Of)],
            results.Count > limit ? FormattableString.Invariant($"/api/models/{found}/reproductions?before={results[limit - 1].ReproductionId}&limit={limit}") : null));
    }

    internal static async Task<Results<Ok<ReproductionAnswer>, ProblemHttpResult>> Show(
        [Description("A version's number, or an alias."), Example(ModelAliases.Champion)] string version,
        [Description("Number of the reproduction."), Example(1)] long id, ModelRegistry registry, Reproductions reproductions,
        CancellationToken cancellation)
    {
        if (await registry.NumberOf(version, cancellation) is not { } found)
            return Missing(version);
        return await reproductions.Find(found, id, cancellation) is { } result
            ? TypedResults.Ok(ReproductionAnswer.Of(result))
            : Problem(FormattableString.Invariant($"Version {found} has no reproduction {id}."), StatusCodes.Status404NotFound);
    }

    internal static async Task<Results<Created<ReproductionAnswer>, ProblemHttpResult>> Make(
        [Description("A version's number, or an alias."), Example(ModelAliases.Champion)] string version,
        ModelRegistry registry, ModelReproduction reproduction, ClaimsPrincipal user, CancellationToken cancellation)
    {
        if (await registry.Find(version, cancellation) is not { } found)
            return Missing(version);
        var result = await reproduction.Make(found, AuditLog.NameOf(user), cancellation);
        return TypedResults.Created(FormattableString.Invariant($"/api/models/{found.Version}/reproductions/{result.ReproductionId}"), ReproductionAnswer.Of(result));
    }

    private static ProblemHttpResult Missing(string version) => Problem(ModelRegistry.Missing(version), StatusCodes.Status404NotFound);

    private static ProblemHttpResult Problem(string detail, int status) => TypedResults.Problem(detail, statusCode: status);
}

/// <summary>The result of a reproduction; see <see cref="Reproduction"/> for the meaning of each member.</summary>
public sealed record ReproductionAnswer(
    long Id, string Model, int Version, [property: OneOf<ReproductionVerdict>] string Verdict, string Summary,
    IReadOnlyList<string> Differences, string? LeftOut,
    DateTimeOffset ReproducedAt, double DurationInSeconds, string AskedBy, long? RunId, DateOnly? AuditDate,
    string CodeVersion, string Platform, int VectorBits,
    string DatasetSha256, string? ReadDatasetSha256, string RegisteredSha256, string StoredSha256, string? ReproducedSha256,
    int FiguresCompared, int FiguresDifferent)
{
    internal static ReproductionAnswer Of(Reproduction result) => new(
        result.ReproductionId, result.ModelName, result.Version, result.Verdict.ToString().ToLowerInvariant(), result.Summary, result.Differences, result.LeftOut,
        result.ReproducedAt, result.Duration.TotalSeconds, result.AskedBy, result.RunId, result.AuditDate,
        result.CodeVersion, result.Platform, result.VectorBits,
        result.DatasetSha256, result.ReadDatasetSha256, result.RegisteredSha256, result.StoredSha256, result.ReproducedSha256,
        result.FiguresCompared, result.FiguresDifferent);
}

/// <summary>Reproductions of a version, newest first.</summary>
/// <param name="Next">The URL of the next page; null on the last page.</param>
public sealed record ReproductionPage(IReadOnlyList<ReproductionAnswer> Reproductions, string? Next);
