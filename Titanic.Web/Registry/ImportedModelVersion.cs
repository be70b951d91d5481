using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Registry;

/// <summary>A version that an import passes to the registry after all archive checks have passed.</summary>
/// <param name="Rows">The bytes of the archive's <c>training-data.csv</c>.</param>
public sealed record ImportedModelVersion(ArchivedVersion Archived, ArchivedMetrics Metrics, byte[] Artifact, byte[] Rows, string ArchiveSha256)
{
    private const string Reason = "Imported from an archive; compare it with the champion before you promote it.";

    /// <param name="trainingDatasetId">This store's dataset with the same rows; null when there is none.</param>
    internal ModelVersion ToModelVersion(int version, long? trainingDatasetId, DateTimeOffset importedAt, string by) => new()
    {
        Name = ModelRegistry.ModelName,
        Version = version,
        Algorithm = Archived.Algorithm,
        Hyperparameters = Archived.Hyperparameters,
        Evaluations = Metrics.Evaluations,
        Signature = Archived.Signature,
        InputExample = Archived.InputExample,
        Artifact = Artifact,
        ArtifactSha256 = Archived.Artifact.Sha256,
        TrainingDatasetId = trainingDatasetId,
        CodeVersion = Archived.CodeVersion,
        Description = Archived.Description,
        Tags = Archived.Tags,
        CreatedAt = importedAt,
        Gate = new GateDecision(Verdict.Hold, Reason, Evidence()),
        Selection = Metrics.Selection is { KeptFromVersion: { } searched } kept
            ? kept with { KeptFromVersion = null, Reason = $"{kept.Reason} (Version {searched} of the store in which this version was trained.)" }
            : Metrics.Selection,
        Comparison = Metrics.Comparison,
        Origin = new ModelOrigin(
            ArchiveSha256, Archived.Name, Archived.Version, Archived.RunId, Archived.CreatedAt, Archived.Gate, Archived.Dataset, importedAt, by, Archived.Origin),
    };

    // No champion of this store was evaluated on the same rows, so the gate cannot compare: the version is held for a manual decision.
    private GateEvidence Evidence()
    {
        var heldOut = Metrics.Evaluations.First(evaluation => evaluation.Method == ArchivedMetrics.HoldOutMethod && evaluation.Subject != ArchivedMetrics.MajoritySubject);
        return new GateEvidence(heldOut.Rows, AccuracyOf(heldOut), AccuracyOf(Metrics.HeldOut(ArchivedMetrics.MajoritySubject)), null);
    }

    private static double AccuracyOf(EvaluationRecord? evaluation) => evaluation?.Metrics["accuracy"].Value ?? 0;
}

/// <summary>The origin of an imported version: the exporting store, as the archive states it, and the import into this store.</summary>
/// <param name="ArchiveSha256">Digest of the whole archive; lower-case hexadecimal.</param>
/// <param name="Version">Its number in the exporting store.</param>
/// <param name="RunId">The training run in the exporting store.</param>
/// <param name="CreatedAt">When the exporting store registered it.</param>
/// <param name="Gate">The gate decision of the exporting store.</param>
/// <param name="Dataset">Its training dataset; the commits are those of the exporting store.</param>
/// <param name="ImportedBy">An account name, a key name or "command line".</param>
/// <param name="Earlier">The origin that the exporting store recorded; null unless the version was imported there too.</param>
public sealed record ModelOrigin(
    string ArchiveSha256, string Name, int Version, long? RunId, DateTimeOffset CreatedAt, GateDecision Gate, ArchivedDataset Dataset,
    DateTimeOffset ImportedAt, string ImportedBy, ModelOrigin? Earlier = null);

/// <summary>
/// The training rows of an imported version, stored with the version when this store has no training dataset with the same rows. They are
/// not added to the passengers of this store.
/// </summary>
public sealed class ImportedDataset
{
    public required string ModelName { get; init; }
    public int Version { get; init; }

    /// <summary>A <see cref="FeatureStore.TrainingSnapshot"/>: the bytes of the archive's <c>training-data.csv</c>.</summary>
    public required byte[] Csv { get; init; }
}

internal sealed class ImportedDatasetTable : IEntityTypeConfiguration<ImportedDataset>
{
    public void Configure(EntityTypeBuilder<ImportedDataset> datasets)
    {
        datasets.ToTable("imported_datasets");
        datasets.HasKey(d => new { d.ModelName, d.Version });
        datasets.HasOne<ModelVersion>().WithOne().HasForeignKey<ImportedDataset>(d => new { d.ModelName, d.Version }).OnDelete(DeleteBehavior.Restrict);
    }
}
