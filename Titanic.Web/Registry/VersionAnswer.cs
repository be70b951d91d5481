using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Registry;

/// <summary>A version as the API gives it: all but the bytes.</summary>
/// <param name="Revision">Of description and tags; to be sent back with an edit.</param>
/// <param name="TrainingDatasetId">Null where the version was imported with rows that are not of this store; <paramref name="Origin"/> tells of them.</param>
/// <param name="AliasHistory">Newest first.</param>
/// <param name="Verification">Only where it was asked for.</param>
public sealed record VersionAnswer(
    string Name, int Version, IReadOnlyList<string> Aliases, string Algorithm, IReadOnlyDictionary<string, string> Hyperparameters, string Description,
    IReadOnlyDictionary<string, string> Tags, int Revision, DateTimeOffset CreatedAt, string CodeVersion, long? RunId, long? TrainingDatasetId, ModelOrigin? Origin,
    ArtifactAnswer Artifact, ModelSignature Signature, InputExample InputExample, IReadOnlyList<EvaluationRecord> Evaluations, GateDecision Gate,
    SelectionRecord? Selection, ComparisonRecord? Comparison, IReadOnlyList<AliasMoveAnswer> AliasHistory, VerificationAnswer? Verification)
{
    internal static VersionAnswer Of(ModelVersion v, AliasHolders holders, IReadOnlyList<AliasAssignment> history, VerificationAnswer? verification) => new(
        v.Name, v.Version, [.. holders.NamesOf(v.Version)], v.Algorithm, v.Hyperparameters, v.Description, v.Tags, v.Revision, v.CreatedAt, v.CodeVersion,
        v.RunId, v.TrainingDatasetId, v.Origin, new ArtifactAnswer(v.Artifact.Length, v.ArtifactSha256), v.Signature, v.InputExample, v.Evaluations, v.Gate,
        v.Selection, v.Comparison, [.. history.Select(AliasMoveAnswer.Of)], verification);
}

/// <param name="Size">In bytes.</param>
/// <param name="Sha256">As registered, lower-case hexadecimal.</param>
public sealed record ArtifactAnswer(int Size, string Sha256);

/// <summary>Whether the stored bytes are those that were registered and answer the input example as they did then.</summary>
/// <param name="Problem">What is wrong, as a sentence.</param>
public sealed record VerificationAnswer(bool IsSound, string? Problem)
{
    internal static VerificationAnswer Of(string? problem) => new(problem is null, problem);
}

/// <summary>A version in a list.</summary>
public sealed record ListedVersionAnswer(
    int Version, IReadOnlyList<string> Aliases, string Algorithm, string Description, IReadOnlyDictionary<string, string> Tags, int Revision, DateTimeOffset CreatedAt,
    MetricValue? CrossValidatedAccuracy, MetricValue? LeaveOneOutAccuracy, Verdict Verdict, string GateReason, string CodeVersion, long? RunId, long? TrainingDatasetId,
    int Rows, ArtifactAnswer Artifact)
{
    internal static ListedVersionAnswer Of(ListedVersion v) => new(
        v.Version, v.Aliases, v.Algorithm, v.Description, v.Tags, v.Revision, v.CreatedAt, v.CrossValidatedAccuracy, v.LeaveOneOutAccuracy, v.Verdict, v.GateReason,
        v.CodeVersion, v.RunId, v.TrainingDatasetId, v.Rows, new ArtifactAnswer(v.ArtifactSize, v.ArtifactSha256));
}

/// <param name="Next">The address of the next page; null on the last.</param>
public sealed record VersionPage(IReadOnlyList<ListedVersionAnswer> Models, string? Next);

/// <inheritdoc cref="AliasAssignment"/>
public sealed record AliasMoveAnswer(
    long Id, string Alias, int Version, DateTimeOffset AssignedAt, DateTimeOffset? EndedAt, string AssignedBy, string Reason, bool IsForced, GateDecision? Evidence,
    string? EndedBy, string? EndReason)
{
    internal static AliasMoveAnswer Of(AliasAssignment a) => new(
        a.AliasAssignmentId, a.Alias, a.Version, a.AssignedAt, a.EndedAt, a.AssignedBy, a.Reason, a.IsForced, a.Evidence, a.EndedBy, a.EndReason);
}

/// <inheritdoc cref="VersionPage"/>
public sealed record AliasMovePage(IReadOnlyList<AliasMoveAnswer> Moves, string? Next);
