using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Registry;

/// <summary>Keeps what came out when versions were made again, and says which versions an audit owes.</summary>
public sealed class Reproductions(TitanicDb db, AuditLog audit)
{
    /// <summary>Stores a result for good; where a person asked for it, together with a line of the audit log.</summary>
    public async Task<Reproduction> Record(Reproduction reproduction, CancellationToken cancellation)
    {
        db.Reproductions.Add(reproduction);
        if (reproduction.AuditDate is null)
            await audit.Record(reproduction.AskedBy, "model reproduced", $"version {reproduction.Version}", reproduction.Summary, cancellation);
        else
            await db.SaveChangesAsync(cancellation);
        return reproduction;
    }

    /// <summary>A version's results, newest first.</summary>
    /// <param name="before">Only results with a smaller id; the newest when it is null.</param>
    public Task<List<Reproduction>> Of(int version, long? before, int most, CancellationToken cancellation) => OfModel()
        .Where(r => r.Version == version && (before == null || r.ReproductionId < before))
        .OrderByDescending(r => r.ReproductionId).Take(most).ToListAsync(cancellation);

    /// <summary>Null when the version has no such result.</summary>
    public Task<Reproduction?> Find(int version, long reproductionId, CancellationToken cancellation) => OfModel()
        .SingleOrDefaultAsync(r => r.Version == version && r.ReproductionId == reproductionId, cancellation);

    /// <summary>The newest result of each of these versions that has one.</summary>
    public Task<Dictionary<int, Reproduction>> NewestOf(IReadOnlyCollection<int> versions, CancellationToken cancellation) => OfModel()
        .Where(r => versions.Contains(r.Version))
        .GroupBy(r => r.Version).Select(results => results.OrderByDescending(r => r.ReproductionId).First())
        .ToDictionaryAsync(r => r.Version, cancellation);

    /// <summary>
    /// The versions that an audit looks at: champion and previous, and of the others those whose last audit is longest ago, so that each has
    /// its turn. The same day gives the same versions, however often it is asked.
    /// </summary>
    /// <param name="day">The audit's logical date; what was audited on it or later does not count.</param>
    /// <param name="others">How many beside the versions in service.</param>
    public async Task<IReadOnlyList<int>> OwedOn(DateOnly day, int others, CancellationToken cancellation)
    {
        string[] inService = [ModelAliases.Champion, ModelAliases.Previous];
        var first = await db.AliasAssignments
            .Where(a => a.ModelName == ModelRegistry.ModelName && a.EndedAt == null && inService.Contains(a.Alias))
            .OrderBy(a => a.Alias).Select(a => a.Version).ToListAsync(cancellation);
        var oldest = await db.ModelVersions
            .Where(v => v.Name == ModelRegistry.ModelName && !first.Contains(v.Version))
            .Select(v => new
            {
                v.Version,
                LastAudit = db.Reproductions.Where(r => r.ModelName == v.Name && r.Version == v.Version && r.AuditDate < day).Max(r => r.AuditDate),
            })
            .OrderBy(v => v.LastAudit != null).ThenBy(v => v.LastAudit).ThenBy(v => v.Version)
            .Take(others).Select(v => v.Version).ToListAsync(cancellation);
        return [.. first.Concat(oldest).Distinct()];
    }

    /// <summary>Those versions that the audit of a day has reproduced already.</summary>
    public Task<List<int>> ReproducedOn(DateOnly day, CancellationToken cancellation) => OfModel()
        .Where(r => r.AuditDate == day && r.Verdict == ReproductionVerdict.Reproduced)
        .Select(r => r.Version).Distinct().ToListAsync(cancellation);

    private IQueryable<Reproduction> OfModel() => db.Reproductions.AsNoTracking().Where(r => r.ModelName == ModelRegistry.ModelName);
}

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
