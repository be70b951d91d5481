using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// An immutable training dataset: a definition that selects the same rows at any later time, and the SHA-256 of these rows. Rows are
/// not copied, because the feature group keeps all versions of a row. A database trigger rejects updates and deletions.
/// </summary>
public sealed class TrainingDataset
{
    /// <summary>Greater than 0; 0 for the dataset of an imported model version, whose rows are stored with its archive.</summary>
    public long TrainingDatasetId { get; init; }
    public required string ViewName { get; init; }
    public int ViewVersion { get; init; }

    /// <summary>The newest commit whose rows and outcomes are part of the dataset.</summary>
    public long AsOfCommitId { get; init; }

    /// <summary>
    /// The label cutoff, exclusive, UTC: outcomes that became known at or after this instant are not part of the dataset.
    /// </summary>
    public DateTimeOffset KnownBefore { get; init; }

    /// <summary>The selected sources, at least one of <see cref="PassengerSources"/>.</summary>
    public required string[] Sources { get; init; }

    /// <summary>The salt of the split; see <see cref="PersonSplit"/>.</summary>
    public required string SplitSalt { get; init; }

    /// <summary>The share of persons in the hold-out, at least 0 and less than 1; see <see cref="PersonSplit"/>.</summary>
    public double TestShare { get; init; }

    /// <summary>
    /// Whether the dataset contains each person once: the first labeled row of the person, without its copies. False for datasets that were
    /// defined before copies were linked to persons; they contain every row and are read that way for good.
    /// </summary>
    public bool IsByPerson { get; init; }

    /// <summary>
    /// The first event time, inclusive, UTC: passengers of earlier event times are not part of the dataset. Null for all passengers.
    /// </summary>
    public DateTimeOffset? EventTimeFrom { get; init; }

    /// <summary>Number of rows, at least 1.</summary>
    public int Rows { get; init; }

    /// <summary>Number of rows with the label true.</summary>
    public int Survivors { get; init; }

    /// <summary>Number of rows in the test set.</summary>
    public int HeldOutRows { get; init; }

    /// <summary>SHA-256 of all rows in canonical order; 64 lower-case hexadecimal digits. See <see cref="TrainingDigest"/>.</summary>
    public required string Sha256 { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The run that created the dataset; null if a user defined it.</summary>
    public long? RunId { get; init; }

    /// <summary>Whether the rows are in this feature store; false for the dataset of an imported model version.</summary>
    public bool IsLocal => TrainingDatasetId > 0;
}

internal sealed class TrainingDatasetTable : IEntityTypeConfiguration<TrainingDataset>
{
    public void Configure(EntityTypeBuilder<TrainingDataset> datasets)
    {
        datasets.ToTable("training_datasets");
        datasets.HasKey(d => d.TrainingDatasetId);
        datasets.Ignore(d => d.IsLocal);
        datasets.Property(d => d.TrainingDatasetId).UseIdentityAlwaysColumn();
        datasets.Property(d => d.Sha256).IsFixedLength().HasMaxLength(64);
        datasets.HasOne<FeatureView>().WithMany().HasForeignKey(d => new { d.ViewName, d.ViewVersion }).OnDelete(DeleteBehavior.Restrict);
        datasets.HasOne<Commit>().WithMany().HasForeignKey(d => d.AsOfCommitId).OnDelete(DeleteBehavior.Restrict);
        datasets.HasIndex(d => d.RunId);
    }
}

/// <summary>Defines which rows a training dataset contains and how they are split.</summary>
/// <param name="View">The feature view that encodes the rows.</param>
/// <param name="AsOfCommitId">The newest commit whose rows and outcomes are selected.</param>
/// <param name="KnownBefore">The label cutoff, exclusive.</param>
/// <param name="Sources">The sources to select; at least one of <see cref="PassengerSources"/>.</param>
/// <param name="SplitSalt">The salt of the split. Default: <see cref="PersonSplit.DefaultSalt"/>.</param>
/// <param name="TestShare">The share of persons in the hold-out, at least 0 and less than 1. Default: 0.2.</param>
/// <param name="IsByPerson">See <see cref="TrainingDataset.IsByPerson"/>. Default: true.</param>
/// <param name="EventTimeFrom">The first event time, inclusive. Default: null, all passengers.</param>
public sealed record TrainingDatasetDefinition(
    ITrainingView View,
    long AsOfCommitId,
    DateTimeOffset KnownBefore,
    IReadOnlyList<string> Sources,
    string SplitSalt = PersonSplit.DefaultSalt,
    double TestShare = PersonSplit.DefaultShare,
    bool IsByPerson = true,
    DateTimeOffset? EventTimeFrom = null)
{
    /// <summary>The SQL parameter of <see cref="EventTimeFrom"/>; Npgsql writes the smallest value as -infinity.</summary>
    internal DateTime FirstEventTime => EventTimeFrom?.UtcDateTime ?? DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc);

    /// <summary>Selects all sources as of a point in time, with the default split.</summary>
    public static TrainingDatasetDefinition At(AsOf asOf, ITrainingView view) => new(view, asOf.CommitId, asOf.KnownBefore, PassengerSources.All);

    /// <summary>Returns the definition of a stored dataset.</summary>
    /// <exception cref="ArgumentException">This version of the code does not have the feature view.</exception>
    public static TrainingDatasetDefinition Of(TrainingDataset dataset) => new(
        TrainingViews.Get(dataset.ViewName, dataset.ViewVersion),
        dataset.AsOfCommitId, dataset.KnownBefore, dataset.Sources, dataset.SplitSalt, dataset.TestShare, dataset.IsByPerson, dataset.EventTimeFrom);

    /// <summary>Validates sources and hold-out share; returns the first error message, or null if the definition is valid.</summary>
    public string? ValidationError() => SourcesError(Sources) ?? TestShareError(TestShare);

    internal static string? SourcesError(IReadOnlyCollection<string> sources)
    {
        if (sources.Count == 0)
            return $"The source is missing; it must be one or more of {string.Join(", ", PassengerSources.All)}.";
        string[] unknown = [.. sources.Except(PassengerSources.All)]; // can contain null from JSON
        return unknown.Length > 0 ? PassengerSources.NotFoundMessage(unknown[0]) : null;
    }

    internal static string? TestShareError(double share) => share is >= 0 and < 1
        ? null
        : FormattableString.Invariant($"The hold-out share is {share}; it must be at least 0 and less than 1.");
}

/// <summary>A definition selects no labeled row.</summary>
public sealed class EmptyTrainingDatasetException(TrainingDatasetDefinition definition) : Exception(
    $"No labeled passenger from {string.Join(", ", definition.Sources)}{(definition.EventTimeFrom is { } from ? $" since {from:yyyy-MM-dd}" : "")} is known before {definition.KnownBefore:yyyy-MM-dd} as of commit {definition.AsOfCommitId}. Backfill the passenger list first: run feature --backfill.");
