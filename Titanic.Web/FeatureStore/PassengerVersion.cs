using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// One row of the feature group <c>titanic_passengers</c> v1: a passenger as known from <see cref="CommitId"/> until
/// <see cref="SupersededBy"/>. A correction is a new version; values are never changed in place.
/// </summary>
public sealed class PassengerVersion
{
    public long PassengerId { get; init; }
    public long CommitId { get; init; }

    /// <summary>The commit that replaced or deleted this version; null while it is the current one.</summary>
    public long? SupersededBy { get; init; }

    /// <summary>One of <see cref="PassengerSources"/>.</summary>
    public required string Source { get; init; }
    public required string SourceKey { get; init; }
    public string? Name { get; init; }
    public short Pclass { get; init; }
    public Sex Sex { get; init; }
    public double? AgeInYears { get; init; }
    public double? FareInPounds { get; init; }

    /// <summary>When the passenger sailed: 1912-04-15 for lists of history, the logical date for the daily stream.</summary>
    public DateTimeOffset EventTime { get; init; }

    /// <summary>The row encoded once, at ingestion, for the view <c>titanic_binned</c> v1: <see cref="BinnedPoint.Code"/>.</summary>
    public short TitanicBinnedV1 { get; init; }

    /// <summary>Who the row speaks of: <see cref="FeatureStore.PersonKey"/>; decides the side of a split.</summary>
    public long PersonKey { get; init; }
}

internal sealed class PassengerVersionTable : IEntityTypeConfiguration<PassengerVersion>
{
    public void Configure(EntityTypeBuilder<PassengerVersion> passengers)
    {
        passengers.ToTable("passengers", table =>
        {
            table.HasCheckConstraint("ck_passengers_pclass", FormattableString.Invariant($"pclass between {PassengerLimits.LowestPclass} and {PassengerLimits.HighestPclass}"));
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
        passengers.Property(p => p.Sex).HasConversion(sex => SexConverter.Format(sex), word => SexConverter.Read(word));
        passengers.HasIndex(p => new { p.Source, p.SourceKey }).IsUnique().HasFilter("superseded_by is null");
        passengers.HasIndex(p => new { p.Source, p.SourceKey }, "Ended").HasFilter("superseded_by is not null").HasDatabaseName("ix_passengers_ended_key");
        // Whom explanations name; a thousand rows, however large the group grows.
        passengers.HasIndex(p => new { p.Pclass, p.Sex }).HasFilter($"source = '{PassengerSources.Titanic3}'").HasDatabaseName("ix_passengers_historical");
        passengers.HasIndex(p => p.EventTime).HasFilter("superseded_by is null");
        passengers.HasIndex(p => p.CommitId).HasMethod("brin"); // rows lie in the order of their commits: a thousandth of a tree's size and time
        passengers.HasIndex(p => p.SupersededBy).HasFilter("superseded_by is not null");
        // Commits are named without foreign keys, which PostgreSQL checks row by row: triggers do it once per statement.
    }
}

/// <summary>The label: a fact of its own that may arrive long after its passenger, and may be corrected.</summary>
public sealed class Outcome
{
    public long PassengerId { get; init; }
    public long CommitId { get; init; }
    public long? SupersededBy { get; init; }
    public bool Survived { get; init; }

    /// <summary>When the outcome became known in the world; a training dataset sees it only if this is before its cut-off.</summary>
    public DateTimeOffset KnownAt { get; init; }
}

internal sealed class OutcomeTable : IEntityTypeConfiguration<Outcome>
{
    public void Configure(EntityTypeBuilder<Outcome> outcomes)
    {
        outcomes.ToTable("outcomes");
        outcomes.HasKey(o => new { o.PassengerId, o.CommitId });
        outcomes.HasIndex(o => o.PassengerId).IsUnique().HasFilter("superseded_by is null");
        outcomes.HasIndex(o => o.CommitId).HasMethod("brin"); // rows lie in the order of their commits: a thousandth of a tree's size and time
        outcomes.HasIndex(o => o.SupersededBy).HasFilter("superseded_by is not null");
        // Commits are named without foreign keys, which PostgreSQL checks row by row: triggers do it once per statement.
    }
}
