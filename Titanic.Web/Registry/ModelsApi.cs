using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Access;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Registry;

/// <summary><c>/api/models</c>: lists, shows, verifies and describes versions.</summary>
internal static class ModelsApi
{
    private const int DefaultPageSize = 50;

    public static void MapModelsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/models").WithTags("Model registry");
        api.MapGet("", List).WithName("listVersions").WithSummary("List model versions")
            .WithDescription("Newest first, in pages; a version must match all given filters.");
        api.MapGet("{version}", Show).WithName("showVersion").WithSummary("Show a model version")
            .WithDescription("All metadata of a version: hyperparameters, metrics, promotion decision, alias history. The artifact is not included.");
        api.MapPatch("{version}", Describe).WithName("describeVersion").WithSummary("Describe a model version")
            .WithDescription("Changes description and tags; fails with 409 when they were edited since the given revision.")
            .WithExample(
                "tags", "Tags and a description", """{"revision": 0, "description": "The first version.", "tags": {"team": "deck"}}""")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies();
    }

    internal static async Task<Results<Ok<VersionPage>, ValidationProblem>> List(
        [AsParameters] VersionFilter filter, VersionList versions, CancellationToken cancellation,
        [Description("Returns only versions with a smaller number; omit it for the newest.")] int? before = null,
        [Description("Maximum number of versions on the page."), Example(10), Range(1, VersionList.MaximumPageSize)] int limit = DefaultPageSize)
    {
        var problems = filter.Problems().ToDictionary(problem => problem.Key, problem => (string[])[problem.Value]);
        if (problems.Count > 0)
            return TypedResults.ValidationProblem(problems, detail: string.Join(" ", problems.Values.SelectMany(messages => messages)));
        var found = await versions.Read(filter, before, limit + 1, cancellation);
        return TypedResults.Ok(new VersionPage(
            [.. found.Take(limit).Select(ListedVersionResponse.Of)],
            found.Count > limit ? $"/api/models{filter.Normalize().ToQuery(("before", found[limit - 1].Version), ("limit", limit))}" : null));
    }

    internal static async Task<Results<Ok<VersionResponse>, ProblemHttpResult>> Show(
        [Description("A version's number, or an alias."), Example(ModelAliases.Champion)] string version, ModelRegistry registry,
        AliasHistory history, CancellationToken cancellation,
        [Description("Also verifies the stored bytes: digest and prediction of the input example."), Example(true)] bool verify = false)
    {
        if (await registry.Find(version, cancellation) is not { } found)
            return TypedResults.Problem(ModelRegistry.NotFoundMessage(version), statusCode: StatusCodes.Status404NotFound);
        var aliases = await registry.ReadAliases(cancellation);
        return TypedResults.Ok(VersionResponse.Of(
            found, aliases, await history.ForVersion(found.Version, cancellation),
            verify ? ArtifactVerificationResponse.Of(registry.VerifyArtifact(found)) : null));
    }

    internal static async Task<Results<Ok<VersionEditResponse>, ProblemHttpResult>> Describe(
        [Description("A version's number."), Example(1)] int version, VersionEdit edit, ModelRegistry registry, ClaimsPrincipal user,
        CancellationToken cancellation)
    {
        try
        {
            var revision = await registry.EditNotes(version, edit, AuditLog.CallerName(user), cancellation);
            return TypedResults.Ok(new VersionEditResponse(version, revision));
        }
        catch (RegistryException rejected)
        {
            return RegistryProblems.Of(rejected);
        }
    }
}

/// <param name="Revision">The revision that you read; the request fails when there is a newer one.</param>
/// <param name="Description">Omit it to keep the description.</param>
/// <param name="Tags">Replaces all tags; omit it to keep them.</param>
public sealed record VersionEdit(int Revision, string? Description = null, IReadOnlyDictionary<string, string>? Tags = null);

/// <param name="Revision">The current revision.</param>
internal sealed record VersionEditResponse(int Version, int Revision);

/// <summary>A version without its artifact bytes.</summary>
/// <param name="Revision">Revision of description and tags; an edit must send it.</param>
/// <param name="TrainingDatasetId">
/// Null for an imported version whose rows are not in this store; <paramref name="Origin"/> describes them.
/// </param>
/// <param name="AliasHistory">Newest first.</param>
/// <param name="Verification">Null unless requested with <c>verify</c>.</param>
public sealed record VersionResponse(
    string Name, int Version, [property: ModelAlias] IReadOnlyList<string> Aliases, string Algorithm,
    IReadOnlyDictionary<string, string> Hyperparameters, string Description,
    IReadOnlyDictionary<string, string> Tags, int Revision, DateTimeOffset CreatedAt, string CodeVersion, long? RunId, long? TrainingDatasetId, ModelOrigin? Origin,
    ArtifactResponse Artifact, ModelSignature Signature, InputExample InputExample, IReadOnlyList<EvaluationRecord> Evaluations, GateDecision Gate,
    SelectionRecord? Selection, ComparisonRecord? Comparison, IReadOnlyList<AliasMoveResponse> AliasHistory,
    ArtifactVerificationResponse? Verification)
{
    internal static VersionResponse Of(ModelVersion v, CurrentAliases aliases, IReadOnlyList<AliasAssignment> history,
        ArtifactVerificationResponse? verification) => new(
        v.Name, v.Version, [.. aliases.AliasesOf(v.Version)], v.Algorithm, v.Hyperparameters, v.Description, v.Tags, v.Revision, v.CreatedAt, v.CodeVersion,
        v.RunId, v.TrainingDatasetId, v.Origin, new ArtifactResponse(v.Artifact.Length, v.ArtifactSha256), v.Signature, v.InputExample, v.Evaluations, v.Gate,
        v.Selection, v.Comparison, [.. history.Select(AliasMoveResponse.Of)], verification);
}

/// <param name="Size">In bytes.</param>
/// <param name="Sha256">The registered digest, lower-case hexadecimal.</param>
public sealed record ArtifactResponse(int Size, string Sha256);

/// <summary>The verification of the stored bytes against the registration.</summary>
/// <param name="IsValid">True when the digest and the prediction for the input example match the registration.</param>
/// <param name="Problem">The error message; null when the artifact is valid.</param>
public sealed record ArtifactVerificationResponse([property: JsonPropertyName("isSound")] bool IsValid, string? Problem)
{
    internal static ArtifactVerificationResponse Of(string? problem) => new(problem is null, problem);
}

/// <summary>A version in a list.</summary>
public sealed record ListedVersionResponse(
    int Version, [property: ModelAlias] IReadOnlyList<string> Aliases, string Algorithm, string Description,
    IReadOnlyDictionary<string, string> Tags, int Revision, DateTimeOffset CreatedAt,
    MetricValue? CrossValidatedAccuracy, MetricValue? LeaveOneOutAccuracy, Verdict Verdict, string GateReason, string CodeVersion, long? RunId, long? TrainingDatasetId,
    int Rows, ArtifactResponse Artifact)
{
    internal static ListedVersionResponse Of(ListedVersion v) => new(
        v.Version, v.Aliases, v.Algorithm, v.Description, v.Tags, v.Revision, v.CreatedAt, v.CrossValidatedAccuracy, v.LeaveOneOutAccuracy, v.Verdict, v.GateReason,
        v.CodeVersion, v.RunId, v.TrainingDatasetId, v.Rows, new ArtifactResponse(v.ArtifactSize, v.ArtifactSha256));
}

/// <param name="Next">The URL of the next page; null on the last page.</param>
public sealed record VersionPage(IReadOnlyList<ListedVersionResponse> Models, string? Next);
