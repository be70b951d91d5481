using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;
using NpgsqlTypes;
using Titanic.Web.Database;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>Holds what is staged against the <see cref="Expectations"/>, set-based, and stores the report with its rejected rows.</summary>
internal static class Validation
{
    private const string CountRows = "select count(*)::int, count(*) filter (where reasons is not null)::int from incoming";

    private const string CountBrokenRules = "select rule, count(distinct line)::int from incoming, unnest(rules) rule group by rule";

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

    /// <summary>Of an ingestion that reads no rows.</summary>
    public static Findings Nothing { get; } = new(0, 0, [], []);

    public static async Task<Findings> OfPassengers(IngestionTransaction work, IReadOnlyList<string> warnings)
    {
        var findings = await OfRows(work, Expectations.OfRows, warnings);
        var measures = string.Join(", ", Expectations.OfSets.Select(expectation => $"({expectation.Measure})::float8"));
        var measured = (await work.Rows(
            $"select {measures} from incoming where reasons is null",
            row => Expectations.OfSets.Select((_, i) => row.IsDBNull(i) ? (double?)null : row.GetDouble(i)).ToList()))[0];
        var good = findings.RowsRead - findings.RowsRejected;
        var ofSets = Expectations.OfSets
            .Zip(measured, (expectation, share) => new ExpectationResult(
                expectation.Name, expectation.Column, expectation.Expects, expectation.IsMetBy(share, good), Observed: share))
            .ToList();
        return findings with
        {
            Expectations = [.. findings.Expectations, .. ofSets],
            Warnings = [.. warnings, .. ofSets.Where(result => result.Success == false).Select(SetExpectation.Warning)],
        };
    }

    public static Task<Findings> OfOutcomes(IngestionTransaction work, IReadOnlyList<string> warnings) =>
        OfRows(work, Expectations.OfOutcomes, warnings);

    /// <returns>The report's number.</returns>
    public static async Task<long> Store(IngestionTransaction work, ValidationReport report)
    {
        var validation = await work.Scalar<long>(
            InsertReport,
            new("validated_at", report.ValidatedAt), new("source", report.Source), new("description", report.Description),
            new("policy", report.Policy.ToString()), new("outcome", report.Outcome.ToString()), new("success", report.Success),
            new("read", report.RowsRead), new("rejected", report.RowsRejected),
            new("expectations", NpgsqlDbType.Jsonb) { Value = JsonColumn.Write(report.Expectations) },
            new("warnings", NpgsqlDbType.Jsonb) { Value = JsonColumn.Write(report.Warnings) },
            new("run", NpgsqlDbType.Bigint) { Value = (object?)report.RunId ?? DBNull.Value }, new("code_version", report.CodeVersion));
        if (report.RowsRejected > 0)
            await work.Execute(InsertRejections, new NpgsqlParameter("validation", validation));
        return validation;
    }

    private static async Task<Findings> OfRows(IngestionTransaction work, IReadOnlyList<PassengerRule> rules, IReadOnlyList<string> warnings)
    {
        var (read, rejected) = (await work.Rows(CountRows, row => (row.GetInt32(0), row.GetInt32(1))))[0];
        var broken = rejected == 0 ? [] : (await work.Rows(CountBrokenRules, row => (Rule: row.GetString(0), Rows: row.GetInt32(1)))).ToDictionary(b => b.Rule, b => b.Rows);
        return new Findings(read, rejected, [.. rules.Select(Result)], warnings);

        ExpectationResult Result(PassengerRule rule) => new(
            rule.Name, rule.Column, rule.Expects, !broken.ContainsKey(rule.Name), UnexpectedRows: broken.GetValueOrDefault(rule.Name));
    }
}

/// <summary>What validation found of one ingestion.</summary>
internal sealed record Findings(int RowsRead, int RowsRejected, IReadOnlyList<ExpectationResult> Expectations, IReadOnlyList<string> Warnings)
{
    /// <summary>No expectation is broken; one that could not be evaluated is not.</summary>
    public bool Success => Expectations.All(result => result.Success != false);

    public IReadOnlyList<string> Broken => [.. Expectations.Where(result => result.Success == false).Select(result => result.Expectation)];
}

/// <summary>What every ingestion into the feature group has to keep: rules for single rows, and bounds for the set of good rows.</summary>
public static class Expectations
{
    /// <summary>Below this many good rows the shares of a set say nothing, and its expectations are not evaluated.</summary>
    public const int MinimumRows = 100;

    public static IReadOnlyList<PassengerRule> OfRows => PassengerRules.All;

    public static PassengerRule PassengerIsKnown { get; } = new("passenger_is_known", RuleKind.Set, "PassengerId", "a key that a current passenger of the source has");

    public static IReadOnlyList<PassengerRule> OfOutcomes { get; } = [.. OutcomeRules.All, PassengerIsKnown];

    /// <summary>Wide enough for any honest list: history has 80 % of the ages, 36 % women, 25, 21 and 54 % in the classes, 38 % survivors.</summary>
    public static IReadOnlyList<SetExpectation> OfSets { get; } =
    [
        new("age_completeness", "Age", "avg((age is not null)::int)", 0.5, 1),
        new("fare_completeness", "Fare", "avg((fare is not null)::int)", 0.9, 1),
        new("share_of_women", "Sex", $"avg((sex = '{SexConverter.Format(Sex.Female)}')::int)", 0.05, 0.95),
        new("share_of_first_class", "Pclass", "avg((pclass = 1)::int)", 0, 0.9),
        new("share_of_third_class", "Pclass", "avg((pclass = 3)::int)", 0, 0.95),
        new("share_of_survivors", "Survived", "avg(survived::int)", 0.02, 0.98),
    ];
}

/// <summary>A bound for a measure of all good rows of an ingestion together.</summary>
/// <param name="Measure">SQL over the staged rows, 0..1; null where it is undefined.</param>
/// <param name="Least">Inclusive.</param>
/// <param name="Most">Inclusive.</param>
public sealed record SetExpectation(string Name, string Column, string Measure, double Least, double Most)
{
    internal static string Warning(ExpectationResult broken) =>
        string.Create(CultureInfo.InvariantCulture, $"{broken.Expectation} is {broken.Observed:0.####}; expected is {broken.Expects}.");

    public string Expects => string.Create(CultureInfo.InvariantCulture, $"a share from {Least} to {Most}, given at least {Expectations.MinimumRows} good rows");

    /// <summary>Null when the measure is undefined or there are too few rows.</summary>
    public bool? IsMetBy(double? measured, int rows) => rows < Expectations.MinimumRows || measured is not { } share ? null : share >= Least && share <= Most;
}

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

/// <summary>A row that broke the input policy: kept out of the feature group, and kept visible.</summary>
public sealed class Rejection
{
    public long RejectionId { get; init; }
    public long ValidationId { get; init; }

    /// <summary>The physical line on which the record starts; the header is line 1.</summary>
    public long Line { get; init; }
    /// <summary>The names of the broken rules, one for each of <see cref="Reasons"/>.</summary>
    public required string[] Rules { get; init; }

    /// <summary>One sentence for each broken rule.</summary>
    public required string[] Reasons { get; init; }

    /// <summary>The start of the record, escaped and cut short.</summary>
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
