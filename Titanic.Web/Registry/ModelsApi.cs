using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Access;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Registry;

/// <summary><c>/api/models</c>: listing, showing, verifying and describing versions.</summary>
internal static class ModelsApi
{
    private const int DefaultPage = 50;

    public static void MapModelsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/models").WithTags("Model registry");
        api.MapGet("", List).WithName("listVersions").WithSummary("List model versions")
            .WithDescription("Newest first, a page at a time; every filter that is given must hold.");
        api.MapGet("{version}", Show).WithName("showVersion").WithSummary("Show a model version")
            .WithDescription("Everything about a version but its bytes: settings, metrics, promotion decision, history of its aliases.");
        api.MapPatch("{version}", Describe).WithName("describeVersion").WithSummary("Describe a model version")
            .WithDescription("Changes description and tags; refused where somebody else did so since the revision that was read.")
            .WithExample(
                "tags", "Tags and a description", """{"revision": 0, "description": "The first of all.", "tags": {"team": "deck"}}""")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies();
    }

    internal static async Task<Results<Ok<VersionPage>, ValidationProblem>> List(
        [AsParameters] VersionFilter filter, VersionList versions, CancellationToken cancellation,
        [Description("Only versions with a smaller number; the newest when it is left out.")] int? before = null,
        [Description("Maximum number of versions on the page."), Example(10), Range(1, VersionList.LongestPage)] int limit = DefaultPage)
    {
        var problems = filter.Problems().ToDictionary(problem => problem.Key, problem => (string[])[problem.Value]);
        if (problems.Count > 0)
            return TypedResults.ValidationProblem(problems, detail: string.Join(" ", problems.Values.SelectMany(sentences => sentences)));
        var found = await versions.Read(filter, before, limit + 1, cancellation);
        return TypedResults.Ok(new VersionPage(
            [.. found.Take(limit).Select(ListedVersionAnswer.Of)],
            found.Count > limit ? $"/api/models{filter.Given().ToQuery(("before", found[limit - 1].Version), ("limit", limit))}" : null));
    }

    internal static async Task<Results<Ok<VersionAnswer>, ProblemHttpResult>> Show(
        [Description("A version's number, or an alias."), Example(ModelAliases.Champion)] string version, ModelRegistry registry,
        AliasHistory history, CancellationToken cancellation,
        [Description("Also read the stored bytes and predict the input example with them."), Example(true)] bool verify = false)
    {
        if (await registry.Find(version, cancellation) is not { } found)
            return TypedResults.Problem(ModelRegistry.Missing(version), statusCode: StatusCodes.Status404NotFound);
        var holders = await registry.Holders(cancellation);
        return TypedResults.Ok(VersionAnswer.Of(
            found, holders, await history.Of(found.Version, cancellation),
            verify ? RegistryVerificationAnswer.Of(registry.ProblemOf(found)) : null));
    }

    internal static async Task<Results<Ok<DescribedAnswer>, ProblemHttpResult>> Describe(
        [Description("A version's number."), Example(1)] int version, VersionEdit edit, ModelRegistry registry, ClaimsPrincipal user,
        CancellationToken cancellation)
    {
        try
        {
            var revision = await registry.Describe(version, edit, AuditLog.NameOf(user), cancellation);
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
public sealed record VersionEdit(int Revision, string? Description = null, IReadOnlyDictionary<string, string>? Tags = null);

/// <param name="Revision">The revision that there is now.</param>
internal sealed record DescribedAnswer(int Version, int Revision);

/// <summary>A version as the API gives it: all but the bytes.</summary>
/// <param name="Revision">Of description and tags; to be sent back with an edit.</param>
/// <param name="TrainingDatasetId">Null where the version was imported with rows that are not of this store; <paramref name="Origin"/> tells of them.</param>
/// <param name="AliasHistory">Newest first.</param>
/// <param name="Verification">Only where it was asked for.</param>
public sealed record VersionAnswer(
    string Name, int Version, [property: ModelAlias] IReadOnlyList<string> Aliases, string Algorithm,
    IReadOnlyDictionary<string, string> Hyperparameters, string Description,
    IReadOnlyDictionary<string, string> Tags, int Revision, DateTimeOffset CreatedAt, string CodeVersion, long? RunId, long? TrainingDatasetId, ModelOrigin? Origin,
    ArtifactAnswer Artifact, ModelSignature Signature, InputExample InputExample, IReadOnlyList<EvaluationRecord> Evaluations, GateDecision Gate,
    SelectionRecord? Selection, ComparisonRecord? Comparison, IReadOnlyList<AliasMoveAnswer> AliasHistory,
    RegistryVerificationAnswer? Verification)
{
    internal static VersionAnswer Of(ModelVersion v, AliasHolders holders, IReadOnlyList<AliasAssignment> history,
        RegistryVerificationAnswer? verification) => new(
        v.Name, v.Version, [.. holders.NamesOf(v.Version)], v.Algorithm, v.Hyperparameters, v.Description, v.Tags, v.Revision, v.CreatedAt, v.CodeVersion,
        v.RunId, v.TrainingDatasetId, v.Origin, new ArtifactAnswer(v.Artifact.Length, v.ArtifactSha256), v.Signature, v.InputExample, v.Evaluations, v.Gate,
        v.Selection, v.Comparison, [.. history.Select(AliasMoveAnswer.Of)], verification);
}

/// <param name="Size">In bytes.</param>
/// <param name="Sha256">As registered, lower-case hexadecimal.</param>
public sealed record ArtifactAnswer(int Size, string Sha256);

/// <summary>Whether the stored bytes are those that were registered and answer the input example as they did then.</summary>
/// <param name="Problem">What is wrong, as a sentence.</param>
public sealed record RegistryVerificationAnswer(bool IsSound, string? Problem)
{
    internal static RegistryVerificationAnswer Of(string? problem) => new(problem is null, problem);
}

/// <summary>A version in a list.</summary>
public sealed record ListedVersionAnswer(
    int Version, [property: ModelAlias] IReadOnlyList<string> Aliases, string Algorithm, string Description,
    IReadOnlyDictionary<string, string> Tags, int Revision, DateTimeOffset CreatedAt,
    MetricValue? CrossValidatedAccuracy, MetricValue? LeaveOneOutAccuracy, Verdict Verdict, string GateReason, string CodeVersion, long? RunId, long? TrainingDatasetId,
    int Rows, ArtifactAnswer Artifact)
{
    internal static ListedVersionAnswer Of(ListedVersion v) => new(
        v.Version, v.Aliases, v.Algorithm, v.Description, v.Tags, v.Revision, v.CreatedAt, v.CrossValidatedAccuracy, v.LeaveOneOutAccuracy, v.Verdict, v.GateReason,
        v.CodeVersion, v.RunId, v.TrainingDatasetId, v.Rows, new ArtifactAnswer(v.ArtifactSize, v.ArtifactSha256));
}

/// <param name="Next">The address of the next page; null on the last.</param>
public sealed record VersionPage(IReadOnlyList<ListedVersionAnswer> Models, string? Next);
