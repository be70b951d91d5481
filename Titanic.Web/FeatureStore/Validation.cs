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

    public ValidationReport Report(string source, string description, IngestionPolicy policy, IngestionOutcome outcome, DateTimeOffset at, Provenance provenance) => new()
    {
        ValidatedAt = at,
        Source = source,
        Description = description,
        Policy = policy,
        Outcome = outcome,
        Success = Success,
        RowsRead = RowsRead,
        RowsRejected = RowsRejected,
        Expectations = Expectations,
        Warnings = Warnings,
        RunId = provenance.RunId,
        CodeVersion = provenance.CodeVersion,
    };
}
