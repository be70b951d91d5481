using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// One change of the feature group. An ingestion is one transaction and at most one commit; ids increase in commit order.
/// </summary>
public sealed class Commit
{
    public long CommitId { get; init; }
    public DateTimeOffset CommittedAt { get; init; }
    public required string Source { get; init; }

    /// <summary>The input for display: a file, a URL or a day of the stream.</summary>
    public required string Description { get; init; }

    public int RowsInserted { get; init; }
    public int RowsUpdated { get; init; }
    public int RowsDeleted { get; init; }
    public int RowsRejected { get; init; }
    public int RowsUnchanged { get; init; }

    /// <summary>Number of new or corrected outcomes, with or without their passengers.</summary>
    public int OutcomesRecorded { get; init; }

    /// <summary>The <see cref="ValidationReport"/> of the input; null if no rows were read, as for a deletion.</summary>
    public long? ValidationId { get; init; }
    public long? RunId { get; init; }
    public required string CodeVersion { get; init; }
}

internal sealed class CommitTable : IEntityTypeConfiguration<Commit>
{
    public void Configure(EntityTypeBuilder<Commit> commits)
    {
        commits.ToTable("commits");
        commits.HasKey(c => c.CommitId);
        commits.Property(c => c.CommitId).UseIdentityAlwaysColumn();
        commits.HasOne<ValidationReport>().WithMany().HasForeignKey(c => c.ValidationId).OnDelete(DeleteBehavior.Restrict);
        commits.HasIndex(c => c.RunId);
    }
}
