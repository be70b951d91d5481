using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// The exact rows a model learned from, as a definition that can be read again at any later time, and the SHA-256 that proves
/// that the rows are still the same. Rows are not copied: the feature group never forgets a version. The database lets no definition change.
/// </summary>
public sealed class TrainingDataset
{
    public long TrainingDatasetId { get; init; }
    public required string ViewName { get; init; }
    public int ViewVersion { get; init; }

    /// <summary>Rows and outcomes of later commits do not belong to the dataset.</summary>
    public long AsOfCommitId { get; init; }

    /// <summary>Outcomes that became known at or after this instant do not belong to the dataset.</summary>
    public DateTimeOffset KnownBefore { get; init; }
    public required string[] Sources { get; init; }
    public required string SplitSalt { get; init; }

    /// <summary>The share 0..1 of persons held out for the hold-out evaluation; see <see cref="PersonSplit"/>.</summary>
    public double TestShare { get; init; }

    public int Rows { get; init; }
    public int Survivors { get; init; }

    /// <summary>How many of <see cref="Rows"/> the split holds out.</summary>
    public int HeldOutRows { get; init; }

    /// <summary>Lower-case hexadecimal, over the canonical bytes of all rows in canonical order; see <see cref="TrainingDigest"/>.</summary>
    public required string Sha256 { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public long? RunId { get; init; }

    /// <summary>False for the rows of another store that came with a model's archive.</summary>
    public bool IsOfThisStore => TrainingDatasetId > 0;
}

internal sealed class TrainingDatasetTable : IEntityTypeConfiguration<TrainingDataset>
{
    public void Configure(EntityTypeBuilder<TrainingDataset> datasets)
    {
        datasets.ToTable("training_datasets");
        datasets.HasKey(d => d.TrainingDatasetId);
        datasets.Ignore(d => d.IsOfThisStore);
        datasets.Property(d => d.TrainingDatasetId).UseIdentityAlwaysColumn();
        datasets.Property(d => d.Sha256).IsFixedLength().HasMaxLength(64);
        datasets.HasOne<FeatureView>().WithMany().HasForeignKey(d => new { d.ViewName, d.ViewVersion }).OnDelete(DeleteBehavior.Restrict);
        datasets.HasOne<Commit>().WithMany().HasForeignKey(d => d.AsOfCommitId).OnDelete(DeleteBehavior.Restrict);
        datasets.HasIndex(d => d.RunId);
    }
}

/// <summary>What a training dataset selects; see <see cref="TrainingDataset"/> for the meaning of each part.</summary>
public sealed record TrainingDatasetDefinition(
    ITrainingView View,
    long AsOfCommitId,
    DateTimeOffset KnownBefore,
    IReadOnlyList<string> Sources,
    string SplitSalt = PersonSplit.DefaultSalt,
    double TestShare = PersonSplit.DefaultShare)
{
    /// <summary>All that was stored, and known, at a point of the store's history; nothing that was learned later.</summary>
    public static TrainingDatasetDefinition At(AsOf asOf, ITrainingView view) => new(view, asOf.CommitId, asOf.KnownBefore, PassengerSources.All);

    public static TrainingDatasetDefinition Of(TrainingDataset dataset) => new(
        TrainingViews.Of(dataset.ViewName, dataset.ViewVersion),
        dataset.AsOfCommitId, dataset.KnownBefore, dataset.Sources, dataset.SplitSalt, dataset.TestShare);

    /// <summary>What keeps it from being a definition, as a sentence; null when nothing does.</summary>
    public string? Problem() => SourcesProblem(Sources) ?? TestShareProblem(TestShare);

    internal static string? SourcesProblem(IReadOnlyCollection<string> sources)
    {
        if (sources.Count == 0)
            return $"There is no source; there must be at least one of {string.Join(", ", PassengerSources.All)}.";
        string[] unknown = [.. sources.Except(PassengerSources.All)]; // JSON may bring null among them
        return unknown.Length > 0 ? $"There is no source '{Excerpt.Truncate(unknown[0])}'; sources are {string.Join(", ", PassengerSources.All)}." : null;
    }

    internal static string? TestShareProblem(double share) => share is >= 0 and < 1
        ? null
        : FormattableString.Invariant($"The share that is held out is {share}; it must be at least 0 and less than 1.");
}

/// <summary>There is nothing to learn from yet.</summary>
public sealed class EmptyTrainingDatasetException(TrainingDatasetDefinition definition) : Exception(
    $"No labelled passenger from {string.Join(", ", definition.Sources)} is known before {definition.KnownBefore:yyyy-MM-dd} as of commit {definition.AsOfCommitId}. Backfill the passenger list first: run feature --backfill.");
