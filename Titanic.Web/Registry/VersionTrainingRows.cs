using System.Diagnostics;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Registry;

/// <summary>Reads the training rows of a version: passengers of this store, or the rows that were imported with its archive.</summary>
public sealed class VersionTrainingRows(TrainingDatasets datasets, ModelRegistry registry)
{
    /// <summary>Reads the rows through the version's view and verifies their digest. Use it before training.</summary>
    /// <param name="version">The version.</param>
    /// <param name="cancellation">Cancels reading.</param>
    /// <param name="foldsAsOf">The commit whose names determine the folds of rows of this store. Default: the commit of the training dataset.</param>
    /// <exception cref="InvalidDataException">The rows do not have the registered digest.</exception>
    public async Task<TrainingPoints> ReadVerified(ModelVersion version, CancellationToken cancellation, long? foldsAsOf = null) => version.TrainingDatasetId is { } dataset
        ? await datasets.ReadVerified(dataset, cancellation, foldsAsOf)
        : (await ReadImported(version, cancellation)).Content.Points;

    /// <summary>
    /// Reads the rows through the version's view without verifying the digest of rows of this store. Use it for evaluation only.
    /// </summary>
    /// <inheritdoc cref="ReadVerified" path="/param"/>
    public async Task<TrainingPoints> Read(ModelVersion version, CancellationToken cancellation, long? foldsAsOf = null)
    {
        if (version.TrainingDatasetId is null)
            return await ReadVerified(version, cancellation);
        var definition = TrainingDatasetDefinition.Of(await registry.ReadDataset(version, cancellation));
        return await datasets.ReadPoints(definition, [definition.View], cancellation, foldsAsOf);
    }

    /// <summary>
    /// Reads all rows of a version and compares their digest and counts with the registered ones. Receipts and reproductions use this one
    /// check.
    /// </summary>
    /// <exception cref="ChangedFeatureViewException">This code's encoder differs from that of the stored view.</exception>
    /// <exception cref="InvalidDataException">The rows of an imported version do not have the registered digest.</exception>
    public async Task<TrainingDatasetComparison> Recompute(ModelVersion version, TrainingDataset dataset, CancellationToken cancellation)
    {
        if (dataset.IsLocal)
            return await datasets.Recompute(dataset, cancellation);
        var started = Stopwatch.GetTimestamp();
        var read = (await ReadImported(version, cancellation)).Content;
        return new TrainingDatasetComparison(
            dataset.TrainingDatasetId, dataset.Sha256, read.Sha256, dataset.Rows, read.Rows, dataset.Survivors, read.Survivors, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>
    /// Finds rows whose stored encoding differs from the encoding of their raw values; returns their number and the first. Returns none for
    /// imported rows, which have no raw values.
    /// </summary>
    public async Task<(int Rows, string? First)> FindEncodingMismatches(TrainingDataset dataset, CancellationToken cancellation) => dataset.IsLocal
        ? await datasets.FindEncodingMismatches(TrainingDatasetDefinition.Of(dataset), cancellation)
        : (0, null);

    /// <inheritdoc cref="ModelRegistry.ReadDataset(ModelVersion, CancellationToken)"/>
    public Task<TrainingDataset> ReadDataset(ModelVersion version, CancellationToken cancellation) => registry.ReadDataset(version, cancellation);

    /// <summary>The rows that were imported with a version: the CSV and its parsed content.</summary>
    /// <exception cref="InvalidDataException">The rows do not have the registered digest.</exception>
    public async Task<(byte[] Csv, SnapshotContent Content)> ReadImported(ModelVersion version, CancellationToken cancellation)
    {
        var dataset = version.Origin!.Dataset;
        var csv = (await registry.ReadImportedRows(version.Version, cancellation))!;
        using var rows = new MemoryStream(csv, writable: false);
        var content = SnapshotContent.Read(rows, TrainingViews.Get(dataset.View, dataset.ViewVersion), dataset.Split);
        return content.Sha256 == dataset.Sha256
            ? (csv, content)
            : throw new InvalidDataException(FormattableString.Invariant(
                $"The imported rows of version {version.Version} now have SHA-256 {content.Sha256} ({content.Rows:#,##0} rows); they were imported with SHA-256 {dataset.Sha256} ({dataset.Rows:#,##0} rows)."));
    }
}
