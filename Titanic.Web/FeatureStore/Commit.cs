using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary>One ingestion = one transaction = one commit. Ids are given out in commit order (see <see cref="Ingestion"/>).</summary>
public sealed class Commit
{
    public const string FeatureGroup = "titanic_passengers";
    public const int FeatureGroupVersion = 1;

    public long CommitId { get; init; }
    public DateTimeOffset CommittedAt { get; init; }
    public required string Source { get; init; }

    /// <summary>What was read, for people: a file, an address, a day of the stream.</summary>
    public required string Description { get; init; }

    public int RowsInserted { get; init; }
    public int RowsUpdated { get; init; }
    public int RowsDeleted { get; init; }
    public int RowsRejected { get; init; }
    public int RowsUnchanged { get; init; }

    /// <summary>Outcomes that came with, or after, their passengers.</summary>
    public int OutcomesRecorded { get; init; }
    public required ValidationReport ValidationReport { get; init; }
    public long? RunId { get; init; }
    public required string CodeVersion { get; init; }
}

/// <summary>What validation saw: rows read, and how many broke which rule.</summary>
/// <param name="Reasons">A reason and how many rows it rejected; a row with two reasons counts under both.</param>
/// <param name="Warnings">What was odd but harmless: unknown columns, for instance.</param>
public sealed record ValidationReport(int RowsRead, IReadOnlyDictionary<string, int> Reasons, IReadOnlyList<string> Warnings);

internal sealed class CommitTable : IEntityTypeConfiguration<Commit>
{
    public void Configure(EntityTypeBuilder<Commit> commits)
    {
        commits.ToTable("commits");
        commits.HasKey(c => c.CommitId);
        commits.Property(c => c.CommitId).UseIdentityAlwaysColumn();
        commits.Property(c => c.ValidationReport).HasJsonColumn();
        commits.HasIndex(c => c.RunId);
    }
}
