using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.FeatureStore;

/// <summary>A row that broke the input policy: kept out of the feature group, and kept visible.</summary>
public sealed class Rejection
{
    public long RejectionId { get; init; }
    public long ValidationId { get; init; }

    /// <summary>The physical line on which the record starts; the header is line 1.</summary>
    public long Line { get; init; }
    /// <summary>The names of the broken rules, one for each of <see cref="Reasons"/>.</summary>
    public required string[] Rules { get; init; }

    /// <summary>One sentence for each broken rule.</summary>
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
        rows.HasIndex(r => new { r.ValidationId, r.Line });
        rows.HasOne<ValidationReport>().WithMany().HasForeignKey(r => r.ValidationId).OnDelete(DeleteBehavior.Restrict);
    }
}
