using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.FeatureStore;

/// <summary>A row that broke the input policy: kept out of the feature group, and kept visible.</summary>
public sealed class Rejection
{
    public long RejectionId { get; init; }
    public long CommitId { get; init; }

    /// <summary>The physical line on which the record starts; the header is line 1.</summary>
    public long Line { get; init; }
    public required string[] Reasons { get; init; }

    /// <summary>The start of the record, escaped and cut short.</summary>
    public required string Excerpt { get; init; }
}

internal sealed class RejectionTable : IEntityTypeConfiguration<Rejection>
{
    public void Configure(EntityTypeBuilder<Rejection> rows)
    {
        rows.ToTable("rejected_rows");
        rows.HasKey(r => r.RejectionId);
        rows.Property(r => r.RejectionId).UseIdentityAlwaysColumn();
        rows.HasIndex(r => new { r.CommitId, r.Line });
        rows.HasOne<Commit>().WithMany().HasForeignKey(r => r.CommitId).OnDelete(DeleteBehavior.Restrict);
    }
}
