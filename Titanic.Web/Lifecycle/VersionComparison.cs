using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;

namespace Titanic.Web.Lifecycle;

/// <summary>Any two versions side by side. Where a part cannot be told, a sentence says why.</summary>
/// <param name="Metrics">Null where <paramref name="NoMetrics"/> says why.</param>
/// <param name="Answers">Null where <paramref name="NoAnswers"/> says why.</param>
/// <param name="Options">What the two were made with; equal ones too.</param>
/// <param name="Data">Whom the two have learned; null where one of them came with rows that are not of this store.</param>
public sealed record VersionComparison(
    ComparedVersion First, ComparedVersion Second, MetricComparison? Metrics, string? NoMetrics, AnswerComparison? Answers, string? NoAnswers,
    IReadOnlyList<ComparedOption> Options, DatasetDifference? Data);

/// <param name="Aliases">That name the version now.</param>
public sealed record ComparedVersion(int Version, IReadOnlyList<string> Aliases, DateTimeOffset CreatedAt, string ArtifactSha256, TrainingDatasetAnswer Dataset)
{
    internal static ComparedVersion Of(ModelVersion version, TrainingDataset dataset, IEnumerable<string> aliases) =>
        new(version.Version, [.. aliases.Order(StringComparer.Ordinal)], version.CreatedAt, version.ArtifactSha256, TrainingDatasetAnswer.Of(dataset));
}

/// <summary>One setting of both; null where a version has none of the name.</summary>
public sealed record ComparedOption(string Name, string? First, string? Second)
{
    public bool IsEqual => First == Second;

    internal static IReadOnlyList<ComparedOption> Of(ModelVersion first, ModelVersion second) =>
    [
        new("algorithm", first.Algorithm, second.Algorithm),
        new("encoder", first.Signature.EncoderId, second.Signature.EncoderId),
        .. first.Hyperparameters.Keys.Union(second.Hyperparameters.Keys).Select(name =>
            new ComparedOption(name, first.Hyperparameters.GetValueOrDefault(name), second.Hyperparameters.GetValueOrDefault(name))),
        new("code version", first.CodeVersion, second.CodeVersion),
    ];
}

/// <summary>Somebody asked for a version that is not there.</summary>
/// <param name="side">"a" or "b".</param>
public sealed class UnknownVersionException(string side, string message) : Exception(message)
{
    public string Side { get; } = side;
}
