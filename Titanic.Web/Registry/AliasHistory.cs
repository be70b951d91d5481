using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;
using Titanic.Web.Passengers;

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

/// <summary>One stretch of time in which an alias named a version: who moved it, when, why and on which evidence.</summary>
public sealed class AliasAssignment
{
    internal const string RunPrefix = "run ";

    public long AliasAssignmentId { get; init; }
    public required string ModelName { get; init; }

    /// <summary>One of <see cref="ModelAliases"/>.</summary>
    public required string Alias { get; init; }
    public int Version { get; init; }

    /// <summary>Later than the end of every stretch before, whatever the clock says: see <see cref="ModelRegistry"/>.</summary>
    public DateTimeOffset AssignedAt { get; init; }

    /// <summary>When another assignment took over, or the alias was taken away; null while this one holds.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>A person's sign-in name, or the run that decided.</summary>
    public required string AssignedBy { get; init; }

    /// <summary>The run that decided; null where a person did.</summary>
    public long? AssignedByRun => AssignedBy.StartsWith(RunPrefix, StringComparison.Ordinal)
        && long.TryParse(AssignedBy.AsSpan(RunPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var run) ? run : null;
    public required string Reason { get; init; }

    /// <summary>Somebody put the version in service although its gate had not said <see cref="Verdict.Promote"/>.</summary>
    public bool IsForced { get; init; }

    /// <summary>For the champion: what the gate had said of the version, heeded or not.</summary>
    public GateDecision? Evidence { get; init; }

    /// <summary>Who took the alias away and gave it to no other version; else null.</summary>
    public string? EndedBy { get; init; }

    /// <summary>Why it was taken away; null where another version took over.</summary>
    public string? EndReason { get; init; }
}

/// <summary>The names a version can go by.</summary>
public static class ModelAliases
{
    /// <summary>The version in service.</summary>
    public const string Champion = "champion";

    /// <summary>A version that somebody wants to see beside the champion.</summary>
    public const string Challenger = "challenger";

    /// <summary>The version that was in service before; it follows the champion by itself.</summary>
    public const string Previous = "previous";

    public static IReadOnlyList<string> All { get; } = [Champion, Challenger, Previous];

    /// <summary>"There is no alias "x"; there are …".</summary>
    public static string Missing(string alias) => $"There is no alias \"{Excerpt.Truncate(alias)}\"; there are {string.Join(", ", All)}.";
}

internal sealed class ModelAliasAttribute() : OneOfAttribute([.. ModelAliases.All]);

/// <summary>
/// At any instant an alias names at most one version: a temporal constraint (<c>unique (model_name, alias, held without overlaps)</c>, where
/// <c>held</c> is generated from <see cref="AliasAssignment.AssignedAt"/> and <see cref="AliasAssignment.EndedAt"/>) that Entity Framework
/// has no word for, so it stands in the migration AliasHistoryAndVersionLists.
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
