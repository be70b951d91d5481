using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Registry;

public sealed partial class ModelRegistry
{
    /// <summary>
    /// Stores a version that was learned elsewhere, with the rows that it learned where this store has no dataset of them, and with a line in
    /// the audit log: all or nothing. It never takes over by itself.
    /// </summary>
    /// <exception cref="InvalidDataException">The stored bytes do not answer the input example.</exception>
    /// <returns>The version with its number; a version that has these very bytes already is found again and nothing is stored.</returns>
    public async Task<(ModelVersion Version, bool IsNew)> Import(ImportedModelVersion imported, string by, CancellationToken cancellation)
    {
        await using var transaction = await LockedTransaction(cancellation);
        if (await WithArtifact(imported.Archived.Artifact.Sha256, cancellation) is { } same)
            return (same, false);
        var dataset = await DatasetLike(imported, cancellation);
        var newest = await db.ModelVersions.Where(v => v.Name == ModelName).MaxAsync(v => (int?)v.Version, cancellation) ?? 0;
        var version = imported.Numbered(newest + 1, dataset, clock.GetUtcNow(), by);
        db.ModelVersions.Add(version);
        if (dataset is null)
            db.Add(new ImportedDataset { ModelName = ModelName, Version = version.Version, Csv = imported.Rows });
        await db.SaveChangesAsync(cancellation);
        Prove((await Find(version.Version, cancellation))!);
        await audit.Record(
            by, "version imported", $"version {version.Version}", $"version {imported.Archived.Version} of the archive with SHA-256 {imported.ArchiveSha256}", cancellation);
        await transaction.CommitAsync(cancellation);
        return (version, true);
    }

    /// <summary>
    /// What a version learned: a dataset of this store, or, with the id 0, what the version's archive says of the rows that came with it; commits
    /// are of the other store then.
    /// </summary>
    public Task<TrainingDataset> DatasetOf(ModelVersion version, CancellationToken cancellation) => DatasetOf(version.TrainingDatasetId, version.Origin, cancellation);

    /// <inheritdoc cref="DatasetOf(ModelVersion, CancellationToken)"/>
    public async Task<TrainingDataset> DatasetOf(long? trainingDatasetId, ModelOrigin? origin, CancellationToken cancellation) => trainingDatasetId is { } dataset
        ? await db.TrainingDatasets.AsNoTracking().SingleAsync(d => d.TrainingDatasetId == dataset, cancellation)
        : origin!.Dataset.ToTrainingDataset();

    /// <summary>The snapshot that came with an imported version; null where the version learned a dataset of this store.</summary>
    public Task<byte[]?> ImportedRows(int version, CancellationToken cancellation) => db.Set<ImportedDataset>()
        .Where(d => d.ModelName == ModelName && d.Version == version).Select(d => d.Csv).SingleOrDefaultAsync(cancellation);

    private Task<ModelVersion?> WithArtifact(string sha256, CancellationToken cancellation) => db.ModelVersions.AsNoTracking()
        .Where(v => v.Name == ModelName && v.ArtifactSha256 == sha256).OrderBy(v => v.Version).FirstOrDefaultAsync(cancellation);

    /// <summary>The same rows through the same view, with the same side of the split for everybody.</summary>
    private Task<long?> DatasetLike(ImportedModelVersion imported, CancellationToken cancellation)
    {
        var like = imported.Archived.Dataset;
        return db.TrainingDatasets
            .Where(d => d.Sha256 == like.Sha256 && d.ViewName == like.View && d.ViewVersion == like.ViewVersion && d.SplitSalt == like.SplitSalt && d.TestShare == like.TestShare
                && d.HeldOutRows == like.HeldOutRows)
            .OrderBy(d => d.TrainingDatasetId).Select(d => (long?)d.TrainingDatasetId).FirstOrDefaultAsync(cancellation);
    }
}
