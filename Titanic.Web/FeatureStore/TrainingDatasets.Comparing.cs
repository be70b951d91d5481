using System.Diagnostics;

namespace Titanic.Web.FeatureStore;

public sealed partial class TrainingDatasets
{
    /// <summary>Creates a stored dataset once more from its definition, and holds what comes out against what was stored. Reads every row; writes nothing.</summary>
    /// <exception cref="ChangedFeatureViewException">This code's encoder is not the stored view's.</exception>
    public async Task<TrainingDatasetComparison> Recompute(TrainingDataset dataset, CancellationToken cancellation)
    {
        var definition = TrainingDatasetDefinition.Of(dataset);
        var started = Stopwatch.GetTimestamp();
        using var digest = new TrainingDigest(definition.View);
        await foreach (var row in Rows(definition, cancellation))
            digest.Add(row);
        return new TrainingDatasetComparison(
            dataset.TrainingDatasetId, dataset.Sha256, digest.Sha256(), dataset.Rows, digest.Rows, dataset.Survivors, digest.Survivors,
            Stopwatch.GetElapsedTime(started));
    }
}

/// <summary>A training dataset as it was stored, and as its definition reads now.</summary>
/// <param name="StoredSha256">Lower-case hexadecimal, like <paramref name="ReadSha256"/>.</param>
/// <param name="Duration">Of reading.</param>
public sealed record TrainingDatasetComparison(
    long TrainingDatasetId, string StoredSha256, string ReadSha256, int StoredRows, int ReadRows, int StoredSurvivors, int ReadSurvivors, TimeSpan Duration)
{
    public bool IsEqual => StoredSha256 == ReadSha256;
}
