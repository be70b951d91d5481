using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;
using NpgsqlTypes;
using Titanic.Web.Database;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// Compares the staged rows of an ingestion with the <see cref="Expectations"/> in SQL, and stores the validation report with the
/// rejected rows.
/// </summary>
internal static class Validation
{
    private const string CountRows = "select count(*)::int, count(*) filter (where reasons is not null)::int from incoming";

    private const string CountFailedRules = "select rule, count(distinct line)::int from incoming, unnest(rules) rule group by rule";

    private const string InsertReport =
        """
        insert into validation_reports (validated_at, source, description, policy, outcome, success, rows_read, rows_rejected,
                                        expectations, warnings, run_id, code_version)
        values (@validated_at, @source, @description, @policy, @outcome, @success, @read, @rejected, @expectations, @warnings, @run, @code_version)
        returning validation_id
        """;

    private const string InsertRejections =
        """
        insert into rejected_rows (validation_id, line, rules, reasons, excerpt)
        select @validation, line, rules, reasons, excerpt from incoming where reasons is not null
        order by line
        """;

    /// <summary>The findings of an ingestion without rows.</summary>
    public static ValidationFindings Empty { get; } = new(0, 0, [], []);

    /// <summary>Evaluates the row rules and the set expectations. Unmet set expectations are also added to the warnings.</summary>
    /// <param name="work">The transaction with the temporary table <c>incoming</c>.</param>
    /// <param name="warnings">The warnings of the reader.</param>
    public static async Task<ValidationFindings> ValidatePassengers(IngestionTransaction work, IReadOnlyList<string> warnings)
    {
        var findings = await ValidateRows(work, Expectations.ForRows, warnings);
        var measures = string.Join(", ", Expectations.ForSets.Select(expectation => $"({expectation.MeasureSql})::float8"));
        var measured = (await work.Rows(
            $"select {measures} from incoming where reasons is null",
            row => Expectations.ForSets.Select((_, i) => row.IsDBNull(i) ? (double?)null : row.GetDouble(i)).ToList()))[0];
        var validRows = findings.RowsRead - findings.RowsRejected;
        var setResults = Expectations.ForSets
            .Zip(measured, (expectation, share) => new ExpectationResult(
                expectation.Name, expectation.Column, expectation.Expects, expectation.IsMetBy(share, validRows), Observed: share))
            .ToList();
        return findings with
        {
            Expectations = [.. findings.Expectations, .. setResults],
            Warnings = [.. warnings, .. setResults.Where(result => result.Success == false).Select(SetExpectation.FormatWarning)],
        };
    }

    /// <summary>Evaluates the rules for outcomes.</summary>
    /// <inheritdoc cref="ValidatePassengers"/>
    public static Task<ValidationFindings> ValidateOutcomes(IngestionTransaction work, IReadOnlyList<string> warnings) =>
        ValidateRows(work, Expectations.ForOutcomes, warnings);

    /// <summary>Stores the report and its rejected rows.</summary>
    /// <returns>The id of the report.</returns>
    public static async Task<long> StoreReport(IngestionTransaction work, ValidationReport report)
    {
        var validation = await work.Scalar<long>(
            InsertReport,
            new("validated_at", report.ValidatedAt), new("source", report.Source), new("description", report.Description),
            new("policy", report.Policy.ToString()), new("outcome", report.Outcome.ToString()), new("success", report.Success),
            new("read", report.RowsRead), new("rejected", report.RowsRejected),
            new("expectations", NpgsqlDbType.Jsonb) { Value = JsonColumn.Serialize(report.Expectations) },
            new("warnings", NpgsqlDbType.Jsonb) { Value = JsonColumn.Serialize(report.Warnings) },
            new("run", NpgsqlDbType.Bigint) { Value = (object?)report.RunId ?? DBNull.Value }, new("code_version", report.CodeVersion));
        if (report.RowsRejected > 0)
            await work.Execute(InsertRejections, new NpgsqlParameter("validation", validation));
        return validation;
    }

    private static async Task<ValidationFindings> ValidateRows(IngestionTransaction work, IReadOnlyList<PassengerRule> rules, IReadOnlyList<string> warnings)
    {
        var (read, rejected) = (await work.Rows(CountRows, row => (row.GetInt32(0), row.GetInt32(1))))[0];
        var failedRows = rejected == 0 ? [] : (await work.Rows(CountFailedRules, row => (Rule: row.GetString(0), Rows: row.GetInt32(1)))).ToDictionary(b => b.Rule, b => b.Rows);
        return new ValidationFindings(read, rejected, [.. rules.Select(Result)], warnings);

        ExpectationResult Result(PassengerRule rule) => new(
            rule.Name, rule.Column, rule.Expects, !failedRows.ContainsKey(rule.Name), UnexpectedRows: failedRows.GetValueOrDefault(rule.Name));
    }
}

/// <summary>The result of validating one ingestion.</summary>
internal sealed record ValidationFindings(int RowsRead, int RowsRejected, IReadOnlyList<ExpectationResult> Expectations, IReadOnlyList<string> Warnings)
{
    /// <summary>Whether rows were read and all were rejected.</summary>
    public bool HasNoValidRow => RowsRead > 0 && RowsRejected == RowsRead;

    /// <summary>Whether all evaluated expectations are met.</summary>
    public bool Success => Expectations.All(result => result.Success != false);

    /// <summary>Names of the expectations that are not met.</summary>
    public IReadOnlyList<string> FailedExpectations => [.. Expectations.Where(result => result.Success == false).Select(result => result.Expectation)];
}

/// <summary>The expectations of every ingestion: rules for single rows, and ranges for shares over all valid rows.</summary>
public static class Expectations
{
    /// <summary>Minimum number of valid rows for evaluating set expectations; shares of fewer rows are too uncertain.</summary>
    public const int MinimumRows = 100;

    /// <summary>The rules for a passenger row.</summary>
    public static IReadOnlyList<PassengerRule> ForRows => PassengerRules.All;

    /// <summary>The passenger of an outcome is stored.</summary>
    public static PassengerRule PassengerIsKnown { get; } = new("passenger_is_known", RuleKind.Set, "PassengerId", "the key of a current passenger of the source");

    /// <summary>The rules for an outcome row.</summary>
    public static IReadOnlyList<PassengerRule> ForOutcomes { get; } = [.. OutcomeRules.All, PassengerIsKnown];

    /// <summary>
    /// The expectations over all valid rows. The ranges are wide: in the bundled dataset 80% of the ages are known, 36% are women,
    /// 25%, 21% and 54% are in the classes, and 38% survived.
    /// </summary>
    public static IReadOnlyList<SetExpectation> ForSets { get; } =
    [
        new("age_completeness", "Age", "avg((age is not null)::int)", 0.5, 1),
        new("fare_completeness", "Fare", "avg((fare is not null)::int)", 0.9, 1),
        new("share_of_women", "Sex", $"avg((sex = '{SexConverter.Format(Sex.Female)}')::int)", 0.05, 0.95),
        new("share_of_first_class", "Pclass", "avg((pclass = 1)::int)", 0, 0.9),
        new("share_of_third_class", "Pclass", "avg((pclass = 3)::int)", 0, 0.95),
        new("share_of_survivors", "Survived", "avg(survived::int)", 0.02, 0.98),
    ];
}

/// <summary>A range for a share over all valid rows of an ingestion.</summary>
/// <param name="Name">Stable identifier; stored in validation reports.</param>
/// <param name="Column">The column that the expectation checks.</param>
/// <param name="MeasureSql">SQL aggregate over the staged rows, 0..1; null if it is undefined.</param>
/// <param name="Minimum">Minimum, inclusive.</param>
/// <param name="Maximum">Maximum, inclusive.</param>
public sealed record SetExpectation(string Name, string Column, string MeasureSql, double Minimum, double Maximum)
{
    /// <summary>The warning for an expectation that is not met.</summary>
    internal static string FormatWarning(ExpectationResult failed) =>
        string.Create(CultureInfo.InvariantCulture, $"{failed.Expectation} is {failed.Observed:0.####}; it must be {failed.Expects}.");

    /// <summary>The values that are allowed, for messages.</summary>
    public string Expects => string.Create(CultureInfo.InvariantCulture, $"a share between {Minimum} and {Maximum}, checked for at least {Expectations.MinimumRows} valid rows");

    /// <summary>
    /// Whether the share is in the range; null if it is undefined or there are fewer than <see cref="Expectations.MinimumRows"/> rows.
    /// </summary>
    public bool? IsMetBy(double? observed, int rows) => rows < Expectations.MinimumRows || observed is not { } share ? null : share >= Minimum && share <= Maximum;
}

/// <summary>The validation report of one ingestion. A rejected ingestion has a report but no commit.</summary>
public sealed class ValidationReport
{
    public long ValidationId { get; init; }
    public DateTimeOffset ValidatedAt { get; init; }
    public required string Source { get; init; }

    /// <summary>The input for display: a file, a URL or a day of the stream.</summary>
    public required string Description { get; init; }
    public IngestionPolicy Policy { get; init; }
    public IngestionOutcome Outcome { get; init; }

    /// <summary>Whether all evaluated expectations were met.</summary>
    public bool Success { get; init; }
    public int RowsRead { get; init; }
    public int RowsRejected { get; init; }
    public required IReadOnlyList<ExpectationResult> Expectations { get; init; }

    /// <summary>Warnings, such as ignored columns; they do not reject rows.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
    public long? RunId { get; init; }
    public required string CodeVersion { get; init; }
}

/// <summary>The result of one expectation.</summary>
/// <param name="Expectation">The name of the expectation; see <see cref="FeatureStore.Expectations"/>.</param>
/// <param name="Column">The column that it checks; null if it checks the whole row.</param>
/// <param name="Expects">The values that are allowed.</param>
/// <param name="Success">Whether it was met; null if it was not evaluated because there were too few rows.</param>
/// <param name="UnexpectedRows">Number of rows that do not meet it; null for a set expectation.</param>
/// <param name="Observed">The observed share 0..1; null for a row rule.</param>
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

/// <summary>A row that broke a rule. It is not part of the feature group and is stored for inspection.</summary>
public sealed class Rejection
{
    public long RejectionId { get; init; }
    public long ValidationId { get; init; }

    /// <summary>
    /// In CSV the physical line where the record starts (the header is line 1); in JSON the 1-based number of the element.
    /// </summary>
    public long Line { get; init; }

    /// <summary>The names of the broken rules, one for each of <see cref="Reasons"/>.</summary>
    public required string[] Rules { get; init; }

    /// <summary>One message for each broken rule.</summary>
    public required string[] Reasons { get; init; }

    /// <summary>The first 80 characters of the row, escaped.</summary>
    public required string Excerpt { get; init; }
}

internal sealed class RejectionTable : IEntityTypeConfiguration<Rejection>
{
    public void Configure(EntityTypeBuilder<Rejection> rows)
    {
        rows.ToTable("rejected_rows");
        rows.HasKey(r => r.RejectionId);
        rows.Property(r => r.RejectionId).UseIdentityAlwaysColumn();
        rows.HasIndex(r => new { r.ValidationId, r.Line });
        rows.HasOne<ValidationReport>().WithMany().HasForeignKey(r => r.ValidationId).OnDelete(DeleteBehavior.Restrict);
    }
}
