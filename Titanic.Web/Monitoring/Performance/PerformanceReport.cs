using Npgsql;
using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring.Performance;

/// <summary>
/// Computes the performance of the predictions that match a filter. PostgreSQL counts the predictions with equal values, so that the metrics
/// are computed from a few hundred weighted rows, however many predictions there are.
/// </summary>
public sealed class PerformanceReports(NpgsqlDataSource postgres, VersionReferences references)
{
    /// <summary>Maximum number of days of a filter, because the predictions of these days are read.</summary>
    public const int MaximumDays = 90;

    /// <param name="filter">At most <see cref="MaximumDays"/> days; the filters for live status, outcome and predicted class are not set.</param>
    public async Task<PerformanceReport> Read(PredictionFilter filter, CancellationToken cancellation)
    {
        var cells = new List<PerformanceCell>();
        await using (var command = postgres.CreateCommand(PredictionSql.Cells(filter)))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
                cells.Add(PerformanceCell.Read(reader));
        }
        var versions = await references.Read([.. cells.Select(cell => cell.Version).Distinct()], cancellation);
        var live = cells.Where(cell => cell.IsLive is true).ToList();
        return new PerformanceReport(
            filter, Measure("live", live), Measure("in-sample", [.. cells.Where(cell => cell.IsLive is false)]),
            GroupBy(live, cell => FormattableString.Invariant($"{cell.Version}")), GroupBy(cells.Where(cell => cell.IsLive is not false), cell => cell.Source),
            GroupBy(live, cell => PassengerSegment.OfClass(cell.Pclass)), GroupBy(live, cell => PassengerSegment.OfSex(cell.Sex)));

        IReadOnlyList<PerformanceGroup> GroupBy(IEnumerable<PerformanceCell> of, Func<PerformanceCell, string> key) =>
            [.. of.GroupBy(key).OrderBy(group => group.Key.Length).ThenBy(group => group.Key, StringComparer.Ordinal).Select(group => Measure(group.Key, [.. group]))];
        PerformanceGroup Measure(string name, IReadOnlyCollection<PerformanceCell> of) => PerformanceGroup.Of(name, of, versions);
    }

    /// <summary>The outcomes that have changed since the state of a filter; null if it is the current state.</summary>
    public async Task<OutcomeChanges?> ReadChanges(PredictionFilter filter, CancellationToken cancellation)
    {
        if (filter is { IsAsCounted: false, AsOf: null })
            return null;
        await using var command = postgres.CreateCommand(PredictionSql.OutcomeChanges(filter));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new OutcomeChanges(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }
}

/// <summary>The performance of predictions: live and in-sample apart, and the live ones by version, source, class and sex.</summary>
/// <param name="Filter">Selects the predictions.</param>
/// <param name="BySource">Also the predictions of the page and the API, which have no outcomes: the newest <see cref="PredictionSql.MaximumCountedRows"/>.</param>
public sealed record PerformanceReport(
    PredictionFilter Filter, PerformanceGroup Live, PerformanceGroup InSample,
    IReadOnlyList<PerformanceGroup> ByVersion, IReadOnlyList<PerformanceGroup> BySource, IReadOnlyList<PerformanceGroup> ByClass, IReadOnlyList<PerformanceGroup> BySex);

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

    internal static PerformanceGroup Of(string name, IReadOnlyCollection<PerformanceCell> cells, IReadOnlyDictionary<int, VersionReference> versions)
    {
        var labeled = cells.Where(cell => cell.Outcome is not null).ToList();
        var rows = labeled.ConvertAll(cell => new ScoredRow(cell.Probability, cell.Predicted, cell.Outcome!.Value, cell.Rows));
        var estimated = cells.Where(cell => cell.IsLive is not false).ToList();
        return new(
            name, cells.Sum(cell => (long)cell.Rows), Evaluate(Model, rows) with { Calibration = CalibrationBin.Of(rows) }, EvaluateBaselines(labeled, versions),
            Estimate(estimated), Estimate(estimated.Where(cell => cell.Outcome is null)));

        AccuracyEstimate? Estimate(IEnumerable<PerformanceCell> of) =>
            AccuracyEstimate.Of([.. of.Select(cell => new UnlabeledRows(cell.Probability, cell.Predicted, cell.Rows, versions[cell.Version].Calibration))]);
    }

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

    private static EvaluationRecord[] EvaluateBaselines(List<PerformanceCell> labeled, IReadOnlyDictionary<int, VersionReference> versions)
    {
        var names = labeled.Select(cell => versions[cell.Version].Baselines.Select(baseline => baseline.Name)).MinBy(of => of.Count()) ?? [];
        return
        [
            .. names.Select(name => Evaluate(name, labeled.ConvertAll(cell => ScoredRow.Of(
                versions[cell.Version].Baselines.Single(baseline => baseline.Name == name).For(cell.Sex), cell.Outcome!.Value, cell.Rows)))),
        ];
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

/// <summary>Predictions with equal values.</summary>
/// <param name="IsLive">Null for predictions of the page and the API.</param>
/// <param name="Source">One of <see cref="PredictionFilter.Sources"/>.</param>
/// <param name="Predicted">Predicted class; true = survived.</param>
/// <param name="Probability">Predicted probability of survival, 0..1.</param>
/// <param name="Outcome">Whether the passengers survived; null if it is not known.</param>
/// <param name="Rows">Number of predictions.</param>
internal sealed record PerformanceCell(bool? IsLive, int Version, string Source, int Pclass, Sex Sex, bool Predicted, double Probability, bool? Outcome, int Rows)
{
    public static PerformanceCell Read(NpgsqlDataReader row) => new(
        row.IsDBNull(0) ? null : row.GetBoolean(0), row.GetInt32(1), row.GetString(2), row.GetInt16(3), SexConverter.Parse(row.GetString(4)),
        row.GetBoolean(5), row.GetDouble(6), row.IsDBNull(7) ? null : row.GetBoolean(7), (int)row.GetInt64(8));
}
