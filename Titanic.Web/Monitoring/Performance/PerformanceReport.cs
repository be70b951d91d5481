using Npgsql;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Serving;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring.Performance;

/// <summary>
/// Computes the performance of the predictions that match a filter from the numbers of predictions with equal values, however many
/// predictions there are.
/// </summary>
public sealed class PerformanceReports(NpgsqlDataSource postgres, RollupReader rollups, VersionReferences references)
{
    /// <summary>Maximum number of days of a filter, because earlier states are computed from the predictions of these days.</summary>
    public const int MaximumDays = 90;

    /// <param name="filter">At most <see cref="MaximumDays"/> days; the filters for live status, outcome and predicted class are not set.</param>
    public async Task<PerformanceReport> Read(PredictionFilter filter, CancellationToken cancellation)
    {
        await using var now = filter.AsOf is null ? await rollups.Open(cancellation) : null;
        return now is null ? await ReadAsOf(filter, cancellation) : await Read(now, filter, cancellation);
    }

    /// <param name="now">The predictions as known now.</param>
    /// <param name="filter">As of now.</param>
    /// <inheritdoc cref="Read(PredictionFilter, CancellationToken)"/>
    public async Task<PerformanceReport> Read(RollupSnapshot now, PredictionFilter filter, CancellationToken cancellation) =>
        await Measure(filter, await now.ReadCells(filter, cancellation), now.IncompleteSources(filter), cancellation);

    private async Task<PerformanceReport> ReadAsOf(PredictionFilter filter, CancellationToken cancellation)
    {
        var cells = new List<PerformanceCell>();
        await using var command = postgres.CreateCommand(PredictionSql.CellsAsOf(filter));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            cells.Add(PerformanceCell.Read(reader));
        var isComplete = cells.Where(cell => cell.IsLive is null).Sum(cell => cell.Rows) < PredictionSql.MaximumCountedRows;
        return await Measure(filter, cells, isComplete ? [] : [PredictionSources.Page, PredictionSources.Api], cancellation);
    }

    private async Task<PerformanceReport> Measure(
        PredictionFilter filter, List<PerformanceCell> cells, IReadOnlyList<string> incompleteSources, CancellationToken cancellation)
    {
        var versions = await references.Read([.. cells.Select(cell => cell.Version).Distinct()], cancellation);
        var table = new PerformanceTable(cells, versions);
        return new PerformanceReport(
            filter, table.Measure("live", IsLive), table.Measure("in-sample", (in cell) => cell.IsLive is false),
            table.GroupBy(IsLive, (in cell) => cell.Version, version => FormattableString.Invariant($"{version}")), table.GroupBy((in cell) => cell.IsLive is not false, (in cell) => cell.Source, source => source),
            table.GroupBy(IsLive, (in cell) => cell.Pclass, PassengerSegment.OfClass), table.GroupBy(IsLive, (in cell) => cell.Sex, PassengerSegment.OfSex), incompleteSources);

        static bool IsLive(in PerformanceCell cell) => cell.IsLive is true;
    }

    /// <summary>The outcomes that have changed since the state of a filter; null if it is the current state.</summary>
    public async Task<OutcomeChanges?> ReadChanges(PredictionFilter filter, CancellationToken cancellation)
    {
        if (filter.AsOf is null)
            return null;
        await using var command = postgres.CreateCommand(PredictionSql.OutcomeChanges(filter));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new OutcomeChanges(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }
}

/// <summary>The performance of predictions: live and in-sample apart, and the live ones by version, source, class and sex.</summary>
/// <param name="Filter">Selects the predictions.</param>
/// <param name="BySource">Also the predictions of the page and the API, which have no outcomes.</param>
/// <param name="IncompleteSources">Sources with more predictions than are counted.</param>
public sealed record PerformanceReport(
    PredictionFilter Filter, PerformanceGroup Live, PerformanceGroup InSample,
    IReadOnlyList<PerformanceGroup> ByVersion, IReadOnlyList<PerformanceGroup> BySource, IReadOnlyList<PerformanceGroup> ByClass, IReadOnlyList<PerformanceGroup> BySex,
    IReadOnlyList<string> IncompleteSources);

/// <summary>Outcomes that have changed since a state.</summary>
/// <param name="Late">Outcomes that have become known.</param>
/// <param name="Corrected">Outcomes that were corrected.</param>
/// <param name="Deleted">Outcomes that were deleted.</param>
public sealed record OutcomeChanges(long Late, long Corrected, long Deleted)
{
    public bool HasAny => Late + Corrected + Deleted > 0;
}

/// <summary>The performance of one group of predictions.</summary>
/// <param name="Group">live or in-sample; a version, source or segment.</param>
/// <param name="Predictions">Number of predictions, including those without a known outcome.</param>
/// <param name="Evaluation">Metrics of the predictions with a known outcome; a metric that is undefined for them is null.</param>
/// <param name="Baselines">
/// The baselines on the same rows, fitted on the training rows of the version of each row; empty if a version does not have them.
/// </param>
/// <param name="EstimatedAll">Estimated accuracy of all predictions; null without predictions, and for in-sample predictions.</param>
/// <param name="EstimatedUnknown">Estimated accuracy of the predictions without a known outcome; null if there are none.</param>
public sealed record PerformanceGroup(
    string Group, long Predictions, EvaluationRecord Evaluation, IReadOnlyList<EvaluationRecord> Baselines, AccuracyEstimate? EstimatedAll, AccuracyEstimate? EstimatedUnknown)
{
    private const string Model = "model", Realized = "realized";

    /// <param name="name">The name of the group.</param>
    /// <param name="predictions">Number of predictions.</param>
    /// <param name="rows">The predictions with a known outcome.</param>
    /// <param name="baselines">The predictions of the baselines for the same rows, by name.</param>
    /// <param name="estimates">The estimated accuracy of all predictions and of those without a known outcome.</param>
    internal static PerformanceGroup Of(
        string name, long predictions, List<ScoredRow> rows, IEnumerable<(string Name, List<ScoredRow> Rows)> baselines, (AccuracyEstimate? All, AccuracyEstimate? Unknown) estimates) => new(
            name, predictions, Evaluate(Model, rows) with { Calibration = CalibrationBin.Of(rows) },
            [.. baselines.Select(baseline => Evaluate(baseline.Name, baseline.Rows))], estimates.All, estimates.Unknown);

    /// <summary>
    /// The performance of any number of days from their daily totals: the metrics that depend on the confusion matrix, and the Brier score
    /// without its interval.
    /// </summary>
    public static PerformanceGroup Of(string name, PerformanceTotals totals)
    {
        var confusion = totals.Confusion;
        ScoredRow[] rows =
        [
            new(0, false, false, confusion.TrueNegatives), new(1, true, false, confusion.FalsePositives),
            new(0, false, true, confusion.FalseNegatives), new(1, true, true, confusion.TruePositives),
        ];
        var evaluation = EvaluationRecord.Of(Model, Realized, new Metrics(confusion, null, null, totals.Brier, null), rows, null);
        var metrics = new Dictionary<string, MetricValue>(evaluation.Metrics) { ["brier"] = new(totals.Brier) };
        return new(name, totals.Predictions, evaluation with { Metrics = metrics }, [], null, null);
    }

    /// <summary>
    /// Baselines that predict one class have no ranking metrics: their probabilities differ between versions only, which is no ranking of passengers.
    /// </summary>
    private static EvaluationRecord Evaluate(string subject, List<ScoredRow> rows)
    {
        var metrics = Metrics.Of(rows);
        return EvaluationRecord.Of(
            subject, Realized, subject != Model && metrics.Confusion.PredictsOneClass ? metrics with { RocAuc = null, AveragePrecision = null } : metrics, rows, null);
    }
}
