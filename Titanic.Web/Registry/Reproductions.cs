using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Registry;

/// <summary>Stores the results of reproductions, and selects the versions that an audit reproduces.</summary>
public sealed class Reproductions(TitanicDb db, AuditLog audit)
{
    /// <summary>Stores a result; for a reproduction on request, together with an entry in the audit log.</summary>
    public async Task<Reproduction> Record(Reproduction reproduction, CancellationToken cancellation)
    {
        db.Reproductions.Add(reproduction);
        if (reproduction.AuditDate is null)
            await audit.Record(reproduction.RequestedBy, "model reproduced", $"version {reproduction.Version}", reproduction.Summary, cancellation);
        else
            await db.SaveChangesAsync(cancellation);
        return reproduction;
    }

    /// <summary>A version's results, newest first.</summary>
    /// <param name="before">Reads only results with a smaller id; null starts with the newest.</param>
    /// <param name="limit">Maximum number of results.</param>
    public Task<List<Reproduction>> ForVersion(int version, long? before, int limit, CancellationToken cancellation) => OfModel()
        .Where(r => r.Version == version && (before == null || r.ReproductionId < before))
        .OrderByDescending(r => r.ReproductionId).Take(limit).ToListAsync(cancellation);

    /// <summary>One result of a version; null when it does not exist.</summary>
    public Task<Reproduction?> Find(int version, long reproductionId, CancellationToken cancellation) => OfModel()
        .SingleOrDefaultAsync(r => r.Version == version && r.ReproductionId == reproductionId, cancellation);

    /// <summary>The newest result of each of these versions; versions without results are left out.</summary>
    public Task<Dictionary<int, Reproduction>> FindNewest(IReadOnlyCollection<int> versions, CancellationToken cancellation) =>
        FindNewest(versions, asOf: null, cancellation);

    /// <summary>The same as of an instant, inclusive; null means now.</summary>
    public Task<Dictionary<int, Reproduction>> FindNewest(IReadOnlyCollection<int> versions, DateTimeOffset? asOf, CancellationToken cancellation) => OfModel()
        .Where(r => versions.Contains(r.Version) && (asOf == null || r.ReproducedAt + r.Duration <= asOf))
        .GroupBy(r => r.Version).Select(results => results.OrderByDescending(r => r.ReproductionId).First())
        .ToDictionaryAsync(r => r.Version, cancellation);

    /// <summary>
    /// The versions that an audit reproduces: champion and previous, and those of the others whose last audit is oldest, so that every
    /// version is audited in rotation. The result for a day does not depend on audits of that day or later.
    /// </summary>
    /// <param name="day">The audit's logical date.</param>
    /// <param name="others">Number of versions in addition to champion and previous.</param>
    public async Task<IReadOnlyList<int>> DueOn(DateOnly day, int others, CancellationToken cancellation)
    {
        string[] always = [ModelAliases.Champion, ModelAliases.Previous];
        var first = await db.AliasAssignments
            .Where(a => a.ModelName == ModelRegistry.ModelName && a.EndedAt == null && always.Contains(a.Alias))
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

    /// <summary>The versions that the audit of a day has reproduced without differences.</summary>
    public Task<List<int>> ReproducedOn(DateOnly day, CancellationToken cancellation) => OfModel()
        .Where(r => r.AuditDate == day && r.Verdict == ReproductionVerdict.Reproduced)
        .Select(r => r.Version).Distinct().ToListAsync(cancellation);

    private IQueryable<Reproduction> OfModel() => db.Reproductions.AsNoTracking().Where(r => r.ModelName == ModelRegistry.ModelName);
}

/// <summary>
/// The result of retraining and re-evaluating a version from its training dataset and hyperparameters. The database rejects changes of
/// these rows. Three digests describe the artifact: as registered, as stored now, and as retrained.
/// </summary>
public sealed class Reproduction
{
    public long ReproductionId { get; init; }
    public required string ModelName { get; init; }
    public int Version { get; init; }
    public DateTimeOffset ReproducedAt { get; init; }

    /// <summary>Duration of reading, training and evaluating.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>An account name, a key name, "command line" or "audit".</summary>
    public required string RequestedBy { get; init; }

    /// <summary>The run of the audit; null for a reproduction on request.</summary>
    public long? RunId { get; init; }

    /// <summary>The logical date of the audit; null for a reproduction on request.</summary>
    public DateOnly? AuditDate { get; init; }

    /// <summary>Version of the code that reproduced the version, which can differ from the code that registered it.</summary>
    public required string CodeVersion { get; init; }

    /// <summary>Operating system and processor architecture, such as "linux-x64".</summary>
    public required string Platform { get; init; }

    /// <summary>Width of the widest accelerated vectors in bits, 0 to 512. It helps to explain arithmetic differences.</summary>
    public int VectorBits { get; init; }
    public ReproductionVerdict Verdict { get; init; }

    /// <summary>The verdict as a text for people.</summary>
    public required string Summary { get; init; }

    /// <summary>One message for each difference; empty for a reproduced version.</summary>
    public required string[] Differences { get; init; }

    /// <summary>A message that lists the evaluations that were not recomputed; null when all were.</summary>
    public string? LeftOut { get; init; }

    /// <summary>Registered digest of the training dataset. All digests are SHA-256 in lower-case hexadecimal.</summary>
    public required string DatasetSha256 { get; init; }

    /// <summary>Current digest of the training dataset; null when it could not be read.</summary>
    public string? ReadDatasetSha256 { get; init; }

    /// <summary>Registered digest of the artifact.</summary>
    public required string RegisteredSha256 { get; init; }

    /// <summary>Digest of the artifact as stored now.</summary>
    public required string StoredSha256 { get; init; }

    /// <summary>Digest of the retrained artifact; null when the version could not be retrained.</summary>
    public string? ReproducedSha256 { get; init; }

    /// <summary>Number of compared metric values, confusion matrices, curves and breakdowns.</summary>
    public int MetricsCompared { get; init; }

    /// <summary>How many of them differ.</summary>
    public int MetricsDifferent { get; init; }
}

public enum ReproductionVerdict
{
    /// <summary>Rows, artifact and metrics are identical.</summary>
    Reproduced,

    /// <summary>Stored data was changed, or this code or machine computes different results.</summary>
    Differs,

    /// <summary>The version could not be retrained here, and no difference was found.</summary>
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
        reproductions.Property(r => r.RequestedBy).HasColumnName("asked_by");
        reproductions.Property(r => r.MetricsCompared).HasColumnName("figures_compared");
        reproductions.Property(r => r.MetricsDifferent).HasColumnName("figures_different");
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
