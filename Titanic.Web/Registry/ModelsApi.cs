using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Access;

namespace Titanic.Web.Registry;

/// <summary><c>/api/models</c>: listing, showing, verifying and describing versions.</summary>
internal static class ModelsApi
{
    private const int DefaultPage = 50;

    public static void MapModelsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/models").WithTags("Model registry");
        api.MapGet("", List).WithName("listVersions")
            .WithSummary("List model versions")
            .WithDescription("Newest first, a page at a time; every filter that is given must hold.");
        api.MapGet("{version}", Show).WithName("showVersion")
            .WithSummary("Show a model version")
            .WithDescription("Everything about a version but its bytes: settings, figures, the gate's evidence, the history of its aliases.");
        api.MapPatch("{version}", Describe).WithName("describeVersion")
            .WithSummary("Describe a model version")
            .WithDescription("Changes description and tags; refused where somebody else did so since the revision that was read.")
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .RequireAuthorization(AccessPolicies.Operator)
            .RequireAntiforgeryForCookies();
    }

    /// <param name="before">Only versions below this one; the newest when it is left out.</param>
    internal static async Task<Results<Ok<VersionPage>, ValidationProblem>> List(
        [AsParameters] VersionFilter filter, VersionList versions, CancellationToken cancellation, int? before = null, [Range(1, VersionList.LongestPage)] int limit = DefaultPage)
    {
        var problems = filter.Problems().ToDictionary(problem => problem.Key, problem => (string[])[problem.Value]);
        if (limit is < 1 or > VersionList.LongestPage)
            problems["limit"] = [$"The limit is {limit}; it must be 1 to {VersionList.LongestPage}."];
        if (problems.Count > 0)
            return TypedResults.ValidationProblem(problems, detail: string.Join(" ", problems.Values.SelectMany(sentences => sentences)));
        var found = await versions.Read(filter, before, limit + 1, cancellation);
        return TypedResults.Ok(new VersionPage(
            [.. found.Take(limit).Select(ListedVersionAnswer.Of)],
            found.Count > limit ? $"/api/models{filter.Given().ToQuery(("before", found[limit - 1].Version), ("limit", limit))}" : null));
    }

    /// <param name="version">A number, or an alias.</param>
    /// <param name="verify">Also read the stored bytes, and answer the input example by them.</param>
    internal static async Task<Results<Ok<VersionAnswer>, ProblemHttpResult>> Show(
        string version, ModelRegistry registry, AliasHistory history, CancellationToken cancellation, bool verify = false)
    {
        if (await registry.Find(version, cancellation) is not { } found)
            return TypedResults.Problem(ModelRegistry.Missing(version), statusCode: StatusCodes.Status404NotFound);
        var holders = await registry.Holders(cancellation);
        return TypedResults.Ok(VersionAnswer.Of(
            found, holders, await history.Of(found.Version, cancellation), verify ? VerificationAnswer.Of(registry.ProblemOf(found)) : null));
    }

    internal static async Task<Results<Ok<DescribedAnswer>, ProblemHttpResult>> Describe(
        int version, VersionEdit edit, ModelRegistry registry, ClaimsPrincipal user, CancellationToken cancellation)
    {
        try
        {
            var revision = await registry.Describe(version, edit.Revision, edit.Description, edit.Tags, AuditLog.NameOf(user), cancellation);
            return TypedResults.Ok(new DescribedAnswer(version, revision));
        }
        catch (RegistryRefusedException refused)
        {
            return RegistryProblems.Of(refused);
        }
    }
}

/// <param name="Revision">As it was read: what was edited meanwhile is not overwritten.</param>
/// <param name="Description">Left out: as it is.</param>
/// <param name="Tags">All of them; left out: as they are.</param>
internal sealed record VersionEdit(int Revision, string? Description = null, IReadOnlyDictionary<string, string>? Tags = null);

/// <param name="Revision">The revision that there is now.</param>
internal sealed record DescribedAnswer(int Version, int Revision);
