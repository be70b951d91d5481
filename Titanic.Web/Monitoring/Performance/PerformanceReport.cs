using System.Runtime.InteropServices;
using Npgsql;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Passengers;
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
        PredictionFilter filter, IReadOnlyList<PerformanceCell> cells, IReadOnlyList<string> incompleteSources, CancellationToken cancellation)
    {
        var versions = await references.Read([.. cells.Select(cell => cell.Version).Distinct()], cancellation);
        var live = cells.Where(cell => cell.IsLive is true).ToList();
        return new PerformanceReport(
            filter, Measure("live", live), Measure("in-sample", [.. cells.Where(cell => cell.IsLive is false)]),
            GroupBy(live, cell => FormattableString.Invariant($"{cell.Version}")), GroupBy(cells.Where(cell => cell.IsLive is not false), cell => cell.Source),
            GroupBy(live, cell => PassengerSegment.OfClass(cell.Pclass)), GroupBy(live, cell => PassengerSegment.OfSex(cell.Sex)), incompleteSources);

        IReadOnlyList<PerformanceGroup> GroupBy(IEnumerable<PerformanceCell> of, Func<PerformanceCell, string> key) =>
            [.. of.GroupBy(key).OrderBy(group => group.Key.Length).ThenBy(group => group.Key, StringComparer.Ordinal).Select(group => Measure(group.Key, [.. group]))];
        PerformanceGroup Measure(string name, IReadOnlyCollection<PerformanceCell> of) => PerformanceGroup.Of(name, of, versions);
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

    internal static PerformanceGroup Of(string name, IReadOnlyCollection<PerformanceCell> cells, IReadOnlyDictionary<int, VersionReference> versions)
    {
        var rows = Sum(cells.Select(cell => (cell, cell.Probability, cell.Predicted)));
        var estimated = cells.Where(cell => cell.IsLive is not false).ToList();
        return new(
            name, cells.Sum(cell => (long)cell.Rows), Evaluate(Model, rows) with { Calibration = CalibrationBin.Of(rows) }, EvaluateBaselines(cells, versions),
            Estimate(estimated, cell => cell.Rows), Estimate(estimated, cell => cell.Unknown));

        AccuracyEstimate? Estimate(IEnumerable<PerformanceCell> of, Func<PerformanceCell, int> count) => AccuracyEstimate.Of(
            [.. of.GroupBy(cell => (cell.Version, cell.Probability, cell.Predicted)).Select(group => new UnlabeledRows(group.Key.Probability, group.Key.Predicted, group.Sum(count), versions[group.Key.Version].Calibration))]);
    }

    /// <summary>The predictions with a known outcome, summed by predicted class and probability.</summary>
    private static List<ScoredRow> Sum(IEnumerable<(PerformanceCell Cell, double Probability, bool Predicted)> cells)
    {
        var sums = new Dictionary<(double, bool), (int Died, int Survived)>();
        foreach (var (cell, probability, predicted) in cells)
        {
            if (cell.Rows == cell.Unknown)
                continue;
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, (probability, predicted), out _);
            sum = (sum.Died + cell.Died, sum.Survived + cell.Survived);
        }
        var rows = new List<ScoredRow>(2 * sums.Count);
        foreach (var ((probability, predicted), (died, survived)) in sums.OrderBy(sum => sum.Key)) // so that the sums of the metrics do not depend on the order of the cells
        {
            if (died > 0)
                rows.Add(new(probability, predicted, false, died));
            if (survived > 0)
                rows.Add(new(probability, predicted, true, survived));
        }
        return rows;
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

    private static EvaluationRecord[] EvaluateBaselines(IEnumerable<PerformanceCell> cells, IReadOnlyDictionary<int, VersionReference> versions)
    {
        var labeled = cells.Where(cell => cell.Rows > cell.Unknown).GroupBy(cell => (cell.Version, cell.Sex))
            .Select(group => group.First() with { Rows = group.Sum(cell => cell.Rows), Died = group.Sum(cell => cell.Died), Survived = group.Sum(cell => cell.Survived) }).ToList();
        var names = labeled.Select(cell => versions[cell.Version].Baselines.Select(baseline => baseline.Name)).MinBy(of => of.Count()) ?? [];
        return [.. names.Select(name => Evaluate(name, Sum(labeled.Select(cell => Predict(cell, name)))))];

        (PerformanceCell, double, bool) Predict(PerformanceCell cell, string name)
        {
            var predicted = versions[cell.Version].Baselines.Single(baseline => baseline.Name == name).For(cell.Sex);
            return (cell, predicted.Probability, predicted.Survived);
        }
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
/// <param name="Rows">Number of predictions, including those without a known outcome.</param>
/// <param name="Died">Number of predictions of passengers who died.</param>
/// <param name="Survived">Number of predictions of passengers who survived.</param>
internal readonly record struct PerformanceCell(
    bool? IsLive, int Version, string Source, int Pclass, Sex Sex, bool Predicted, double Probability, int Rows, int Died, int Survived)
{
    public int Unknown => Rows - Died - Survived;

    public static PerformanceCell Read(NpgsqlDataReader row) => new(
        row.IsDBNull(0) ? null : row.GetBoolean(0), row.GetInt32(1), row.GetString(2), row.GetInt16(3), SexConverter.Parse(row.GetString(4)),
        row.GetBoolean(5), row.GetDouble(6), row.GetInt32(7), row.GetInt32(8), row.GetInt32(9));

    public static PerformanceCell Of(PredictionCell cell) => new(
        cell.IsLive, cell.ModelVersion, cell.Source, cell.Pclass, cell.Sex, cell.Survived, cell.Probability, cell.Predictions, cell.OutcomeDied, cell.OutcomeSurvived);

    /// <summary>Sums the cells with equal values.</summary>
    public static IEnumerable<PerformanceCell> Merge(IEnumerable<PerformanceCell> cells) => cells
        .GroupBy(cell => cell with { Rows = 0, Died = 0, Survived = 0 })
        .Select(group => group.Key with { Rows = group.Sum(cell => cell.Rows), Died = group.Sum(cell => cell.Died), Survived = group.Sum(cell => cell.Survived) });
}
