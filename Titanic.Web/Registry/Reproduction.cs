using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.Registry;

/// <summary>
/// What came out when a version was made again from its training dataset and settings. The database lets no such row change; three digests
/// tell of the model: the one that was registered, that of the bytes stored now, and that of the bytes made again.
/// </summary>
public sealed class Reproduction
{
    public long ReproductionId { get; init; }
    public required string ModelName { get; init; }
    public int Version { get; init; }
    public DateTimeOffset ReproducedAt { get; init; }

    /// <summary>Of reading, learning and measuring.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>An account's or a key's name, "command line", or "audit".</summary>
    public required string AskedBy { get; init; }

    /// <summary>The audit's run; null where a person asked.</summary>
    public long? RunId { get; init; }

    /// <summary>The logical date of the audit; null where a person asked.</summary>
    public DateOnly? AuditDate { get; init; }

    /// <summary>The code that made the version again; the version's own stands with the version.</summary>
    public required string CodeVersion { get; init; }

    /// <summary>Where it was made again: "linux-x64".</summary>
    public required string Platform { get; init; }

    /// <summary>Width of the widest vectors that the processor offered, 0 to 512: arithmetic that depends on it would show here.</summary>
    public int VectorBits { get; init; }
    public ReproductionVerdict Verdict { get; init; }

    /// <summary>The verdict as a sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>Sentences that say what differs and where; none for a version that was reproduced.</summary>
    public required string[] Differences { get; init; }

    /// <summary>A sentence on figures that were not computed again; null where all were.</summary>
    public string? LeftOut { get; init; }

    /// <summary>Of the training dataset, as it was registered; lower-case hexadecimal like all digests here.</summary>
    public required string DatasetSha256 { get; init; }

    /// <summary>Of the training dataset, as its definition reads now; null where it could not be read.</summary>
    public string? ReadDatasetSha256 { get; init; }

    /// <summary>Of the model's bytes, as they were registered.</summary>
    public required string RegisteredSha256 { get; init; }

    /// <summary>Of the model's bytes, as they are stored now.</summary>
    public required string StoredSha256 { get; init; }

    /// <summary>Of the model's bytes, as they were made again; null where that was impossible.</summary>
    public string? ReproducedSha256 { get; init; }
    public int FiguresCompared { get; init; }
    public int FiguresDifferent { get; init; }
}

public enum ReproductionVerdict
{
    /// <summary>The same rows, the same bytes, the same figures.</summary>
    Reproduced,

    /// <summary>Something was changed, or this code or machine computes differently.</summary>
    Differs,

    /// <summary>Nothing is known to differ, but the version could not be made here.</summary>
    Impossible,
}

internal sealed class ReproductionTable : IEntityTypeConfiguration<Reproduction>
{
    private const int DigestLength = 64;

    public void Configure(EntityTypeBuilder<Reproduction> reproductions)
    {
        reproductions.ToTable("reproductions");
        reproductions.HasKey(r => r.ReproductionId);
        reproductions.Property(r => r.ReproductionId).UseIdentityAlwaysColumn();
        reproductions.Property(r => r.Verdict).HasConversion<string>();
        reproductions.Property(r => r.DatasetSha256).IsFixedLength().HasMaxLength(DigestLength);
        reproductions.Property(r => r.ReadDatasetSha256).IsFixedLength().HasMaxLength(DigestLength);
        reproductions.Property(r => r.RegisteredSha256).IsFixedLength().HasMaxLength(DigestLength);
        reproductions.Property(r => r.StoredSha256).IsFixedLength().HasMaxLength(DigestLength);
        reproductions.Property(r => r.ReproducedSha256).IsFixedLength().HasMaxLength(DigestLength);
        reproductions.HasOne<ModelVersion>().WithMany().HasForeignKey(r => new { r.ModelName, r.Version }).OnDelete(DeleteBehavior.Restrict);
        reproductions.HasIndex(r => new { r.ModelName, r.Version, r.ReproductionId }); // the newest of a version
        reproductions.HasIndex(r => new { r.ModelName, r.Version, r.AuditDate }).HasFilter("audit_date is not null");
        reproductions.HasIndex(r => r.RunId);
    }
}
