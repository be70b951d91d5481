using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;

namespace Titanic.Web.Registry;

/// <summary>One stretch of time in which an alias named a version: who moved it, when, why and on which evidence.</summary>
public sealed class AliasAssignment
{
    public long AliasAssignmentId { get; init; }
    public required string ModelName { get; init; }

    /// <summary>One of <see cref="ModelAliases"/>.</summary>
    public required string Alias { get; init; }
    public int Version { get; init; }
    public DateTimeOffset AssignedAt { get; init; }

    /// <summary>When another assignment took over; null while this one holds.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>A person's sign-in name, or the run that decided.</summary>
    public required string AssignedBy { get; init; }
    public required string Reason { get; init; }
    public GateDecision? Evidence { get; init; }
}

/// <summary>The names a version can go by.</summary>
public static class ModelAliases
{
    /// <summary>The version in service.</summary>
    public const string Champion = "champion";

    /// <summary>The version that was in service before.</summary>
    public const string Previous = "previous";
}

internal sealed class AliasAssignmentTable : IEntityTypeConfiguration<AliasAssignment>
{
    public void Configure(EntityTypeBuilder<AliasAssignment> assignments)
    {
        assignments.ToTable("alias_assignments");
        assignments.HasKey(a => a.AliasAssignmentId);
        assignments.Property(a => a.AliasAssignmentId).UseIdentityAlwaysColumn();
        assignments.Property(a => a.Evidence).HasJsonColumn();
        assignments.HasOne<ModelVersion>().WithMany().HasForeignKey(a => new { a.ModelName, a.Version }).OnDelete(DeleteBehavior.Restrict);
        // At any instant an alias names at most one version.
        assignments.HasIndex(a => new { a.ModelName, a.Alias }).IsUnique().HasFilter("ended_at is null");
    }
}
