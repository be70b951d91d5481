using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary>What validation saw of one ingestion. A refused one has a report too, though it has no commit.</summary>
public sealed class ValidationReport
{
    public long ValidationId { get; init; }
    public DateTimeOffset ValidatedAt { get; init; }
    public required string Source { get; init; }

    /// <summary>What was read, for people: a file, an address, a day of the stream.</summary>
    public required string Description { get; init; }
    public IngestionPolicy Policy { get; init; }
    public IngestionOutcome Outcome { get; init; }

    /// <summary>Whether every expectation was met.</summary>
    public bool Success { get; init; }
    public int RowsRead { get; init; }
    public int RowsRejected { get; init; }
    public required IReadOnlyList<ExpectationResult> Expectations { get; init; }

    /// <summary>What was odd but harmless: unknown columns, for instance.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
    public long? RunId { get; init; }
    public required string CodeVersion { get; init; }
}

/// <summary>How one expectation fared.</summary>
/// <param name="Expectation">Its name among <see cref="FeatureStore.Expectations"/>.</param>
/// <param name="Column">The column it speaks of; null for the row as a whole.</param>
/// <param name="Expects">What is allowed, for people.</param>
/// <param name="Success">Null when it was not evaluated, because there were too few rows.</param>
/// <param name="UnexpectedRows">Rows that broke it; null for an expectation of the whole set.</param>
/// <param name="Observed">The measured share 0..1; null for an expectation of single rows.</param>
public sealed record ExpectationResult(string Expectation, string? Column, string Expects, bool? Success, int? UnexpectedRows = null, double? Observed = null);

internal sealed class ValidationReportTable : IEntityTypeConfiguration<ValidationReport>
{
    public void Configure(EntityTypeBuilder<ValidationReport> reports)
    {
        reports.ToTable("validation_reports");
        reports.HasKey(r => r.ValidationId);
        reports.Property(r => r.ValidationId).UseIdentityAlwaysColumn();
        reports.Property(r => r.Policy).HasConversion<string>();
        reports.Property(r => r.Outcome).HasConversion<string>();
        reports.Property(r => r.Expectations).HasJsonColumn();
        reports.Property(r => r.Warnings).HasJsonColumn();
        reports.HasIndex(r => r.RunId);
    }
}
