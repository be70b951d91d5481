using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.FeatureStore;

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
