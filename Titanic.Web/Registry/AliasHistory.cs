using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.Registry;

/// <summary>Every stretch of time in which an alias named a version.</summary>
public sealed class AliasHistory(TitanicDb db)
{
    public const int LongestPage = 200;

    /// <summary>Newest first.</summary>
    /// <param name="alias">Null for all.</param>
    /// <param name="before">Only entries with a smaller id; null starts with the newest.</param>
    public Task<List<AliasAssignment>> Read(string? alias, long? before, int limit, CancellationToken cancellation)
    {
        var entries = db.AliasAssignments.AsNoTracking().Where(a => a.ModelName == ModelRegistry.ModelName);
        if (alias is not null)
            entries = entries.Where(a => a.Alias == alias);
        if (before is { } id)
            entries = entries.Where(a => a.AliasAssignmentId < id);
        return entries.OrderByDescending(a => a.AliasAssignmentId).Take(limit).ToListAsync(cancellation);
    }

    /// <summary>Of one version, newest first.</summary>
    public Task<List<AliasAssignment>> Of(int version, CancellationToken cancellation) => db.AliasAssignments.AsNoTracking()
        .Where(a => a.ModelName == ModelRegistry.ModelName && a.Version == version)
        .OrderByDescending(a => a.AliasAssignmentId).ToListAsync(cancellation);
}
