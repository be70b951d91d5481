using Microsoft.EntityFrameworkCore;
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
