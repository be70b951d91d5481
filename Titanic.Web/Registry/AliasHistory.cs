using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;

namespace Titanic.Web.Registry;

/// <summary>Reads the assignments of aliases to versions, current and ended.</summary>
public sealed class AliasHistory(TitanicDb db)
{
    public const int MaximumPageSize = 200;

    /// <summary>Reads one page of assignments, newest first.</summary>
    /// <param name="alias">One of <see cref="ModelAliases"/>; null reads all aliases.</param>
    /// <param name="before">Reads only entries with a smaller id; null starts with the newest.</param>
    /// <param name="limit">Maximum number of entries.</param>
    public Task<List<AliasAssignment>> Read(string? alias, long? before, int limit, CancellationToken cancellation)
    {
        var entries = db.AliasAssignments.AsNoTracking().Where(a => a.ModelName == ModelRegistry.ModelName);
        if (alias is not null)
            entries = entries.Where(a => a.Alias == alias);
        if (before is { } id)
            entries = entries.Where(a => a.AliasAssignmentId < id);
        return entries.OrderByDescending(a => a.AliasAssignmentId).Take(limit).ToListAsync(cancellation);
    }

    /// <summary>The champion at an instant; null for none.</summary>
    /// <param name="asOf">The instant, inclusive; null means now.</param>
    /// <param name="cancellation">Cancels the query.</param>
    public Task<int?> FindChampion(DateTimeOffset? asOf, CancellationToken cancellation) => db.AliasAssignments
        .Where(a => a.ModelName == ModelRegistry.ModelName && a.Alias == ModelAliases.Champion)
        .Where(a => asOf == null ? a.EndedAt == null : a.AssignedAt <= asOf && (a.EndedAt == null || a.EndedAt > asOf))
        .Select(a => (int?)a.Version).SingleOrDefaultAsync(cancellation);

    /// <summary>Reads all assignments of one version, newest first.</summary>
    public Task<List<AliasAssignment>> ForVersion(int version, CancellationToken cancellation) => db.AliasAssignments.AsNoTracking()
        .Where(a => a.ModelName == ModelRegistry.ModelName && a.Version == version)
        .OrderByDescending(a => a.AliasAssignmentId).ToListAsync(cancellation);
}

/// <summary>The assignment of an alias to a version for one period: who made it, when, why and on which evidence.</summary>
public sealed class AliasAssignment
{
    internal const string RunPrefix = "run ";

    public long AliasAssignmentId { get; init; }
    public required string ModelName { get; init; }

    /// <summary>One of <see cref="ModelAliases"/>.</summary>
    public required string Alias { get; init; }
    public int Version { get; init; }

    /// <summary>Start of the period; later than the end of every earlier assignment, even when the clock is set back.</summary>
    public DateTimeOffset AssignedAt { get; init; }

    /// <summary>End of the period: the next assignment or the removal of the alias; null for the current assignment.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The caller's account or key name, or "run N" for a decision of the promotion gate.</summary>
    public required string AssignedBy { get; init; }

    /// <summary>The run whose gate decision made the assignment; null for a manual assignment.</summary>
    public long? AssignedByRun => AssignedBy.StartsWith(RunPrefix, StringComparison.Ordinal)
        && long.TryParse(AssignedBy.AsSpan(RunPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var run) ? run : null;
    public required string Reason { get; init; }

    /// <summary>True for a manual promotion of a version whose gate verdict is not <see cref="Verdict.Promote"/>.</summary>
    public bool IsForced { get; init; }

    /// <summary>For the champion: the version's gate decision, also when a manual promotion overruled it. Null for other aliases.</summary>
    public GateDecision? Evidence { get; init; }

    /// <summary>Who withdrew the alias; null when it moved to another version or has not ended.</summary>
    public string? EndedBy { get; init; }

    /// <summary>Why the alias was removed; null when it moved to another version or has not ended.</summary>
    public string? EndReason { get; init; }
}

/// <summary>The aliases that a version can have.</summary>
public static class ModelAliases
{
    /// <summary>The version that serves predictions.</summary>
    public const string Champion = "champion";

    /// <summary>A version that is marked for comparison with the champion. It serves no predictions.</summary>
    public const string Challenger = "challenger";

    /// <summary>The last version that was champion before the current one; set automatically.</summary>
    public const string Previous = "previous";

    public static IReadOnlyList<string> All { get; } = [Champion, Challenger, Previous];

    /// <summary>The error message for an unknown alias.</summary>
    public static string NotFoundMessage(string alias) => ErrorText.UnknownName("alias", alias, All);
}

internal sealed class ModelAliasAttribute() : OneOfAttribute([.. ModelAliases.All]);

/// <summary>
/// At any instant an alias names at most one version. The migration AliasHistoryAndVersionLists enforces this by the temporal constraint
/// <c>unique (model_name, alias, held without overlaps)</c>, which Entity Framework cannot express; <c>held</c> is generated from
/// <see cref="AliasAssignment.AssignedAt"/> and <see cref="AliasAssignment.EndedAt"/>.
/// </summary>
internal sealed class AliasAssignmentTable : IEntityTypeConfiguration<AliasAssignment>
{
    public void Configure(EntityTypeBuilder<AliasAssignment> assignments)
    {
        assignments.ToTable("alias_assignments");
        assignments.HasKey(a => a.AliasAssignmentId);
        assignments.Property(a => a.AliasAssignmentId).UseIdentityAlwaysColumn();
        assignments.Ignore(a => a.AssignedByRun);
        assignments.Property(a => a.Evidence).HasJsonColumn();
        assignments.HasOne<ModelVersion>().WithMany().HasForeignKey(a => new { a.ModelName, a.Version }).OnDelete(DeleteBehavior.Restrict);
        assignments.HasIndex(a => new { a.ModelName, a.Alias }).HasFilter("ended_at is null");
        assignments.HasIndex(a => new { a.ModelName, a.Alias, a.AliasAssignmentId });
    }
}
