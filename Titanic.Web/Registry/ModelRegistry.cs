using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Registry;

/// <summary>Keeps model versions and says which one is in service. Knows bytes, figures and lineage, not learners.</summary>
public sealed partial class ModelRegistry(TitanicDb db, AuditLog audit, TimeProvider clock)
{
    public const string ModelName = "titanic_knn";

    /// <summary>The PostgreSQL channel on which a new champion's version number is announced when its transaction commits.</summary>
    public const string ChampionChannel = "titanic_champion";

    /// <summary>The version in service with its bytes; null before the first promotion.</summary>
    public Task<ModelVersion?> Champion(CancellationToken cancellation) => Named(ModelAliases.Champion, cancellation);

    /// <summary>The version that an alias names, with its bytes; null where it names none.</summary>
    public async Task<ModelVersion?> Named(string alias, CancellationToken cancellation) =>
        await Holder(alias, cancellation) is { } holder ? await Find(holder.Version, cancellation) : null;

    public Task<ModelVersion?> Find(int version, CancellationToken cancellation) =>
        db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(v => v.Name == ModelName && v.Version == version, cancellation);

    /// <summary>The versions that learned exactly these rows, oldest first.</summary>
    /// <param name="datasetSha256">The digest of a <see cref="TrainingDataset"/>.</param>
    public Task<List<ModelVersion>> LearnedFrom(string datasetSha256, CancellationToken cancellation) => db.ModelVersions.AsNoTracking()
        .Where(v => v.Name == ModelName && db.TrainingDatasets.Any(d => d.TrainingDatasetId == v.TrainingDatasetId && d.Sha256 == datasetSha256))
        .OrderBy(v => v.Version).ToListAsync(cancellation);

    /// <summary>The newest version whose settings were searched for here, or kept from a search; null before the first.</summary>
    public Task<ModelVersion?> NewestSelected(CancellationToken cancellation) => db.ModelVersions.AsNoTracking()
        .Where(v => v.Name == ModelName && v.Selection != null && v.Origin == null)
        .OrderByDescending(v => v.Version).FirstOrDefaultAsync(cancellation);

    /// <summary>Stores a version with its training dataset and, when its gate says so, puts it in service: all or nothing.</summary>
    /// <returns>The version with its number.</returns>
    public async Task<ModelVersion> Register(NewModelVersion candidate, CancellationToken cancellation)
    {
        await using var transaction = await LockedTransaction(cancellation);
        db.TrainingDatasets.Add(candidate.Dataset);
        await db.SaveChangesAsync(cancellation);
        var newest = await db.ModelVersions.Where(v => v.Name == ModelName).MaxAsync(v => (int?)v.Version, cancellation) ?? 0;
        var version = candidate.Numbered(newest + 1, Convert.ToHexStringLower(SHA256.HashData(candidate.Artifact)), clock.GetUtcNow());
        db.ModelVersions.Add(version);
        await db.SaveChangesAsync(cancellation);
        if (candidate.Gate.Verdict == Verdict.Promote)
            await Promote(version.Version, $"run {candidate.RunId}", candidate.Gate.Reason, candidate.Gate, cancellation);
        await transaction.CommitAsync(cancellation);
        return version;
    }

    /// <summary>Puts a version in service by a person's decision; the one before becomes <see cref="ModelAliases.Previous"/>.</summary>
    /// <exception cref="ArgumentException">There is no such version.</exception>
    public async Task Promote(int version, string by, string reason, CancellationToken cancellation)
    {
        await using var transaction = await LockedTransaction(cancellation);
        if (!await db.ModelVersions.AnyAsync(v => v.Name == ModelName && v.Version == version, cancellation))
            throw new ArgumentException($"There is no version {version} of {ModelName} to promote.", nameof(version));
        await Promote(version, by, reason, null, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private async Task Promote(int version, string by, string reason, GateDecision? evidence, CancellationToken cancellation)
    {
        var before = await Holder(ModelAliases.Champion, cancellation);
        if (before?.Version == version)
            return;
        if (before is not null)
            await Assign(ModelAliases.Previous, before.Version, by, $"Version {version} took over as champion.", null, cancellation);
        await Assign(ModelAliases.Champion, version, by, reason, evidence, cancellation);
        await db.Database.ExecuteSqlAsync($"select pg_notify({ChampionChannel}, {version.ToString(System.Globalization.CultureInfo.InvariantCulture)})", cancellation);
    }

    private async Task Assign(string alias, int version, string by, string reason, GateDecision? evidence, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await db.AliasAssignments.Where(a => a.ModelName == ModelName && a.Alias == alias && a.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.EndedAt, now), cancellation);
        db.AliasAssignments.Add(new AliasAssignment
        {
            ModelName = ModelName,
            Alias = alias,
            Version = version,
            AssignedAt = now,
            AssignedBy = by,
            Reason = reason,
            Evidence = evidence,
        });
        await db.SaveChangesAsync(cancellation);
    }

    private Task<AliasAssignment?> Holder(string alias, CancellationToken cancellation) => db.AliasAssignments.AsNoTracking()
        .SingleOrDefaultAsync(a => a.ModelName == ModelName && a.Alias == alias && a.EndedAt == null, cancellation);

    // One writer at a time: version numbers stay free of gaps, and an alias is never moved twice at once.
    private async Task<Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction> LockedTransaction(CancellationToken cancellation)
    {
        var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('titanic_registry', 0))", cancellation);
        return transaction;
    }
}
