using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Registry;

/// <summary>What an import hands to the registry, after everything in the archive was held against everything else.</summary>
/// <param name="Rows">The snapshot, as it stands in the archive.</param>
public sealed record ImportedModelVersion(ArchivedVersion Archived, ArchivedMetrics Metrics, byte[] Artifact, byte[] Rows, string ArchiveSha256)
{
    private const string Reason = "Imported from an archive; compare it before it takes over.";

    /// <param name="trainingDatasetId">Of this store's dataset with the same rows, if there is one.</param>
    internal ModelVersion Numbered(int version, long? trainingDatasetId, DateTimeOffset at, string by) => new()
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
        CreatedAt = at,
        Gate = new GateDecision(Verdict.Hold, Reason, Evidence()),
        Selection = Metrics.Selection is { KeptFromVersion: { } searched } kept
            ? kept with { KeptFromVersion = null, Reason = $"{kept.Reason} (Version {searched} of the store that this version was learned in.)" }
            : Metrics.Selection,
        Comparison = Metrics.Comparison,
        Origin = new ModelOrigin(
            ArchiveSha256, Archived.Name, Archived.Version, Archived.RunId, Archived.CreatedAt, Archived.Gate, Archived.Dataset, at, by, Archived.Origin),
    };

    // No champion of this store was asked the same rows: the figures stand alone, and a person decides.
    private GateEvidence Evidence()
    {
        var heldOut = Metrics.Evaluations.First(evaluation => evaluation.Method == ArchivedMetrics.Method && evaluation.Subject != ArchivedMetrics.Majority);
        return new GateEvidence(heldOut.Rows, AccuracyOf(heldOut), AccuracyOf(Metrics.HeldOut(ArchivedMetrics.Majority)), null);
    }

    private static double AccuracyOf(EvaluationRecord? evaluation) => evaluation?.Metrics["accuracy"].Value ?? 0;
}

/// <summary>Where an imported version was learned, as its archive tells, and how it came here.</summary>
/// <param name="ArchiveSha256">Of the whole archive; lower-case hexadecimal.</param>
/// <param name="Version">Its number there.</param>
/// <param name="RunId">The run that learned it there.</param>
/// <param name="CreatedAt">When it was registered there.</param>
/// <param name="Gate">What the gate there decided.</param>
/// <param name="Dataset">What it learned; commits are of the store there.</param>
/// <param name="ImportedBy">A sign-in name, a key's name or "command line".</param>
/// <param name="Earlier">Where that store had it from, if it was imported there too.</param>
public sealed record ModelOrigin(
    string ArchiveSha256, string Name, int Version, long? RunId, DateTimeOffset CreatedAt, GateDecision Gate, ArchivedDataset Dataset,
    DateTimeOffset ImportedAt, string ImportedBy, ModelOrigin? Earlier = null);

/// <summary>
/// The rows that an imported version learned, where this store has no training dataset of the same rows: they came with the version's archive
/// and stay beside it. They are nobody's passengers here.
/// </summary>
public sealed class ImportedDataset
{
    public required string ModelName { get; init; }
    public int Version { get; init; }

    /// <summary>A <see cref="FeatureStore.TrainingSnapshot"/>, as it stood in the archive.</summary>
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
