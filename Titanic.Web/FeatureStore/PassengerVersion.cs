using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// One version of a row of the feature group <c>titanic_passengers</c> v1, valid from <see cref="CommitId"/> (inclusive) to
/// <see cref="SupersededBy"/> (exclusive). A correction creates a new version; values are never updated in place.
/// </summary>
public sealed class PassengerVersion
{
    /// <summary>Internal id, the same for all versions of a row; a deleted passenger that is ingested again gets a new one.</summary>
    public long PassengerId { get; init; }

    /// <summary>The commit that created this version.</summary>
    public long CommitId { get; init; }

    /// <summary>The commit that replaced or deleted this version; null for the current version.</summary>
    public long? SupersededBy { get; init; }

    /// <summary>One of <see cref="PassengerSources"/>.</summary>
    public required string Source { get; init; }
    public required string SourceKey { get; init; }
    public string? Name { get; init; }
    public short Pclass { get; init; }
    public Sex Sex { get; init; }
    public double? AgeInYears { get; init; }
    public double? FareInPounds { get; init; }

    /// <summary>Event time, UTC: 1912-04-15 for historical sources, the logical date for the simulated stream.</summary>
    public DateTimeOffset EventTime { get; init; }

    /// <summary>
    /// The code of the row in the view <c>titanic_binned</c> v1, computed at ingestion; see <see cref="BinnedPoint.Code"/>.
    /// </summary>
    public short TitanicBinnedV1 { get; init; }

    /// <summary>
    /// The person as declared by the source; null if not declared. It identifies the person of a row without a name within its source.
    /// </summary>
    public string? Person { get; init; }

    /// <summary>
    /// The key of the person, which determines fold and training or test set; see <see cref="FeatureStore.PersonKey"/>. Different persons
    /// with the same name share it.
    /// </summary>
    public long PersonKey { get; init; }

    /// <summary>
    /// The person: the <see cref="PassengerId"/> of the person's first row. A row with another person id than its own id is a copy: it is
    /// stored, but the person is counted once. See <see cref="PersonLinks"/>.
    /// </summary>
    public long PersonId { get; init; }
}

internal sealed class PassengerVersionTable : IEntityTypeConfiguration<PassengerVersion>
{
    public void Configure(EntityTypeBuilder<PassengerVersion> passengers)
    {
        passengers.ToTable("passengers", table =>
        {
            table.HasCheckConstraint("ck_passengers_pclass", FormattableString.Invariant($"pclass between {PassengerLimits.MinimumPclass} and {PassengerLimits.MaximumPclass}"));
            table.HasCheckConstraint("ck_passengers_sex", "sex in ('male', 'female')");
            table.HasCheckConstraint("ck_passengers_age", FormattableString.Invariant($"age between 0 and {PassengerLimits.MaximumAgeInYears}"));
            table.HasCheckConstraint("ck_passengers_fare", FormattableString.Invariant($"fare between 0 and {PassengerLimits.MaximumFareInPounds}"));
            table.HasCheckConstraint("ck_passengers_titanic_binned_v1", $"titanic_binned_v1 between 0 and {BinnedPoint.Count - 1}");
        });
        passengers.HasKey(p => new { p.PassengerId, p.CommitId });
        passengers.Property(p => p.PassengerId).ValueGeneratedNever();
        passengers.Property(p => p.AgeInYears).HasColumnName("age");
        passengers.Property(p => p.FareInPounds).HasColumnName("fare");
        passengers.Property(p => p.Source).UseCollation("C");
        passengers.Property(p => p.SourceKey).UseCollation("C");
        passengers.Property(p => p.TitanicBinnedV1).HasColumnName("titanic_binned_v1");
        passengers.Property(p => p.Sex).HasConversion(sex => SexConverter.Format(sex), text => SexConverter.Parse(text));
        passengers.HasIndex(p => new { p.Source, p.SourceKey }).IsUnique().HasFilter("superseded_by is null");
        passengers.HasIndex(p => new { p.Source, p.SourceKey }, "Ended").HasFilter("superseded_by is not null").HasDatabaseName("ix_passengers_ended_key");
        // For explanations, which show names of the bundled dataset only: about a thousand rows, however large the table is.
        passengers.HasIndex(p => new { p.Pclass, p.Sex }).HasFilter($"source = '{PassengerSources.Titanic3}'").HasDatabaseName("ix_passengers_historical");
        passengers.HasIndex(p => new { p.EventTime, p.PassengerId }).HasFilter("superseded_by is null"); // in the order of the dashboard: a day has many passengers
        passengers.HasIndex(p => p.PersonKey).HasFilter("name is not null or person is not null"); // other rows have a key of their own
        passengers.HasIndex(p => p.PersonId).HasFilter("person_id <> passenger_id");
        // Rows are stored in commit order, so a BRIN index needs a thousandth of the size and time of a B-tree.
        passengers.HasIndex(p => p.CommitId).HasMethod("brin");
        passengers.HasIndex(p => p.SupersededBy).HasFilter("superseded_by is not null");
        // No foreign keys to commits, because PostgreSQL checks them per row: triggers check once per statement.
    }
}

/// <summary>
/// A person key that different persons have, because they have the same name. Keys are recorded when the second person is ingested and never
/// removed: the evaluation groups the rows of a dataset by these keys only, and a key of one row makes no group.
/// </summary>
public sealed class SharedPersonKey
{
    public long PersonKey { get; init; }
}

internal sealed class SharedPersonKeyTable : IEntityTypeConfiguration<SharedPersonKey>
{
    public void Configure(EntityTypeBuilder<SharedPersonKey> keys)
    {
        keys.ToTable("shared_person_keys");
        keys.HasKey(k => k.PersonKey);
        keys.Property(k => k.PersonKey).ValueGeneratedNever();
    }
}

/// <summary>
/// One version of a label. It has its own versions, because an outcome can arrive long after its passenger and can be corrected.
/// </summary>
public sealed class Outcome
{
    public long PassengerId { get; init; }
    public long CommitId { get; init; }
    public long? SupersededBy { get; init; }
    public bool Survived { get; init; }

    /// <summary>
    /// When the outcome became known, UTC. A training dataset contains the outcome only if this is before its label cutoff.
    /// </summary>
    public DateTimeOffset KnownAt { get; init; }
}

internal sealed class OutcomeTable : IEntityTypeConfiguration<Outcome>
{
    public void Configure(EntityTypeBuilder<Outcome> outcomes)
    {
        outcomes.ToTable("outcomes");
        outcomes.HasKey(o => new { o.PassengerId, o.CommitId });
        outcomes.HasIndex(o => o.PassengerId).IsUnique().HasFilter("superseded_by is null");
        // Rows are stored in commit order, so a BRIN index needs a thousandth of the size and time of a B-tree.
        outcomes.HasIndex(o => o.CommitId).HasMethod("brin");
        outcomes.HasIndex(o => o.SupersededBy).HasFilter("superseded_by is not null");
        // No foreign keys to commits, because PostgreSQL checks them per row: triggers check once per statement.
    }
}
