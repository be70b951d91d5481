using System.Diagnostics;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Registry;

/// <summary>The rows that a version learned: passengers of this store, or what came with the archive that it was imported from.</summary>
public sealed class RowsOfVersion(TrainingDatasets datasets, ModelRegistry registry)
{
    /// <summary>Through the version's own view, held against their digest before anybody learns from them.</summary>
    /// <exception cref="InvalidDataException">They are no longer those that the digest was taken of.</exception>
    public async Task<TrainingPoints> ReadVerified(ModelVersion version, CancellationToken cancellation) => version.TrainingDatasetId is { } dataset
        ? await datasets.ReadVerified(dataset, cancellation)
        : (await Imported(version, cancellation)).Content.Points;

    /// <summary>The same, but rows of this store are not held against their digest: for figures that are measured, not learned from.</summary>
    public async Task<TrainingPoints> Read(ModelVersion version, CancellationToken cancellation) => version.TrainingDatasetId is null
        ? await ReadVerified(version, cancellation)
        : await datasets.ReadPoints(TrainingDatasetDefinition.Of(await registry.DatasetOf(version, cancellation)), cancellation);

    /// <summary>
    /// Reads the rows of a version again and compares them with what was registered: the one check of a training dataset, for receipts and
    /// reproductions alike. Reads every row; writes nothing.
    /// </summary>
    /// <exception cref="ChangedFeatureViewException">This code's encoder is not the one of the stored view.</exception>
    /// <exception cref="InvalidDataException">The rows that came with an imported version are not those of its digest.</exception>
    public async Task<TrainingDatasetComparison> Recompute(ModelVersion version, TrainingDataset dataset, CancellationToken cancellation)
    {
        if (dataset.IsOfThisStore)
            return await datasets.Recompute(dataset, cancellation);
        var started = Stopwatch.GetTimestamp();
        var read = (await Imported(version, cancellation)).Content;
        return new TrainingDatasetComparison(
            dataset.TrainingDatasetId, dataset.Sha256, read.Sha256, dataset.Rows, read.Rows, dataset.Survivors, read.Survivors, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Rows whose stored encoding differs from that of their raw values: how many, and the first; none of rows that were imported, which have no raw values.</summary>
    public async Task<(int Rows, string? First)> FindEncodingMismatches(TrainingDataset dataset, CancellationToken cancellation) => dataset.IsOfThisStore
        ? await datasets.FindEncodingMismatches(TrainingDatasetDefinition.Of(dataset), cancellation)
        : (0, null);

    /// <inheritdoc cref="ModelRegistry.DatasetOf(ModelVersion, CancellationToken)"/>
    public Task<TrainingDataset> DatasetOf(ModelVersion version, CancellationToken cancellation) => registry.DatasetOf(version, cancellation);

    /// <summary>The rows that came with an imported version, as they were sent and as they read.</summary>
    /// <exception cref="InvalidDataException">They are no longer those that the digest was taken of.</exception>
    public async Task<(byte[] Csv, SnapshotContent Content)> Imported(ModelVersion version, CancellationToken cancellation)
    {
        var learned = version.Origin!.Dataset;
        var csv = (await registry.ImportedRows(version.Version, cancellation))!;
        using var rows = new MemoryStream(csv, writable: false);
        var content = SnapshotContent.Read(rows, TrainingViews.Of(learned.View, learned.ViewVersion));
        return content.Sha256 == learned.Sha256
            ? (csv, content)
            : throw new InvalidDataException($"The rows that came with version {version.Version} read as SHA-256 {content.Sha256} ({content.Rows} rows) but were imported as {learned.Sha256} ({learned.Rows} rows).");
    }
}
