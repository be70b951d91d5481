using System.Security.Cryptography;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Serving;

/// <summary>A model version ready to answer: its decision table of all <see cref="BinnedPoint.Count"/> points, computed once.</summary>
public sealed class ServedModel
{
    private readonly KnnAnswer[] _answers;

    private ServedModel(ModelVersion version, KnnAnswer[] answers)
    {
        Version = version.Version;
        ArtifactSha256 = version.ArtifactSha256;
        TrainingDatasetId = version.TrainingDatasetId;
        _answers = answers;
    }

    public int Version { get; }
    public string ArtifactSha256 { get; }
    public long TrainingDatasetId { get; }

    public KnnAnswer Answer(BinnedPoint point) => _answers[point.Code];

    /// <summary>Reads a version's bytes after checking that they are the bytes that were registered.</summary>
    /// <exception cref="InvalidDataException">The bytes are damaged, or were learned through another encoder.</exception>
    public static ServedModel Of(ModelVersion version)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(version.Artifact));
        if (digest != version.ArtifactSha256)
            throw new InvalidDataException($"The artifact of {version.Name} version {version.Version} has SHA-256 {digest}, but {version.ArtifactSha256} was registered; it is damaged and will not serve.");
        var model = KnnModel.Load(version.Artifact);
        if (model.EncoderId != BinnedEncoder.Id)
            throw new InvalidDataException($"{version.Name} version {version.Version} was learned through encoder {model.EncoderId}; this process encodes with {BinnedEncoder.Id}.");
        return new ServedModel(version, TableOf(model));
    }

    /// <summary>The model's answer to every point of the view, by <see cref="BinnedPoint.Code"/>.</summary>
    public static KnnAnswer[] TableOf(KnnModel model) =>
        [.. Enumerable.Range(0, BinnedPoint.Count).Select(code => model.Predict(BinnedPoint.FromCode(code).Features))];
}
