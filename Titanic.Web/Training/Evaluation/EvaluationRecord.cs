using System.Text.Json.Serialization;

namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// Result of an evaluation as the registry stores it (<c>jsonb</c>) and the API returns it. A metric that is undefined for the data, such
/// as precision without a positive prediction, has a null value.
/// </summary>
/// <param name="Subject">Name of the learner: the model itself or a baseline.</param>
/// <param name="Method">For example "10x5 cross-validation", "leave-one-out", "hold-out".</param>
/// <param name="Rows">Number of labeled rows that were predicted (per repeat, if there are repeats).</param>
/// <param name="Metrics">By name, for example "accuracy".</param>
/// <param name="Confusion">Rows by predicted and actual outcome; for a cross-validation the mean over the repeats.</param>
/// <param name="Calibration">Reliability diagram; null if it was not computed, and in versions registered before it existed.</param>
/// <param name="Roc">
/// Corners from (0, 0) to (1, 1); x is the false, y the true positive rate. Null unless one fitted model predicted.
/// </param>
/// <param name="PrecisionRecall">Corners; x is the recall, y the precision. Null unless one fitted model predicted.</param>
/// <param name="Segments">By class, by sex, and by class and sex; null if they were not computed.</param>
/// <param name="Seed">Of the fold assignment; null without folds, and in versions registered before it was stored.</param>
/// <param name="Repeats">Of a cross-validation; null without folds, and in versions registered before it was stored.</param>
/// <param name="Folds">Of a cross-validation; null without folds, and in versions registered before it was stored.</param>
public sealed record EvaluationRecord(
    string Subject,
    string Method,
    int Rows,
    IReadOnlyDictionary<string, MetricValue> Metrics,
    ConfusionCounts Confusion,
    IReadOnlyList<CalibrationBin>? Calibration = null,
    IReadOnlyList<CurvePoint>? Roc = null,
    IReadOnlyList<CurvePoint>? PrecisionRecall = null,
    IReadOnlyList<SegmentMetrics>? Segments = null,
    long? Seed = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Repeats = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Folds = null)
{
    /// <summary>
    /// The options that reproduce the folds of a cross-validation; null for any other method. Records from before repeats and folds were
    /// stored have them only in <see cref="Method"/> ("10x5 cross-validation"), which is parsed here.
    /// </summary>
    /// <param name="defaultSeed">The seed for records without a seed.</param>
    public CrossValidationOptions? GetCrossValidationOptions(long defaultSeed) => (Repeats, Folds) switch
    {
        ({ } repeats, { } folds) => new CrossValidationOptions(repeats, folds, Seed ?? defaultSeed),
        _ when Method.Split('x', ' ') is [var first, var second, "cross-validation"] && int.TryParse(first, out var repeats) && int.TryParse(second, out var folds) =>
            new CrossValidationOptions(repeats, folds, Seed ?? defaultSeed),
        _ => null,
    };

    /// <summary>Creates a record with metrics and their 95% intervals.</summary>
    /// <param name="subject">Name of the learner.</param>
    /// <param name="method">Name of the evaluation method.</param>
    /// <param name="metrics">Metrics of the predictions.</param>
    /// <param name="predictions">Predictions for rows that the models were not fitted on; one entry per point and outcome.</param>
    /// <param name="samples">The predicted points; if not null, calibration and metrics by segment are included.</param>
    internal static EvaluationRecord Of(string subject, string method, Metrics metrics, IReadOnlyList<ScoredRow> predictions, WeightedSamples? samples)
    {
        var intervals = MetricIntervals.Of(predictions);
        return new EvaluationRecord(
            subject, method, metrics.Rows,
            new Dictionary<string, MetricValue>
            {
                ["accuracy"] = MetricValue.Of(metrics.Accuracy),
                ["balancedAccuracy"] = MetricValue.Of(metrics.BalancedAccuracy, intervals.BalancedAccuracy),
                ["precision"] = MetricValue.Of(metrics.Precision),
                ["recall"] = MetricValue.Of(metrics.Recall),
                ["f1"] = MetricValue.Of(metrics.F1, intervals.F1),
                ["rocAuc"] = MetricValue.Of(metrics.RocAuc, intervals.RocAuc),
                ["averagePrecision"] = MetricValue.Of(metrics.AveragePrecision, intervals.AveragePrecision),
                ["logLoss"] = MetricValue.Of(metrics.LogLoss, intervals.LogLoss),
                ["brier"] = MetricValue.Of(metrics.Brier, intervals.Brier),
                ["calibrationError"] = MetricValue.Of(metrics.CalibrationError, intervals.CalibrationError),
            },
            metrics.Confusion.ToCounts(),
            samples is null ? null : CalibrationBin.Of(predictions),
            Segments: samples is null ? null : SegmentMetrics.Of(samples, predictions));
    }
}

/// <summary>A metric with its uncertainty.</summary>
/// <param name="Value">Null if the metric is undefined.</param>
/// <param name="Low">Lower end of the 95% interval; null if there is none.</param>
/// <param name="High">Upper end of the 95% interval; null if there is none.</param>
/// <param name="Spread">
/// Standard deviation (n-1) over the repeats of a cross-validation; else null. It is the effect of the fold assignment, not the standard
/// error of the metric.
/// </param>
public sealed record MetricValue(double? Value, double? Low = null, double? High = null, double? Spread = null)
{
    /// <summary>A proportion with its 95% Wilson interval.</summary>
    public static MetricValue Of(Proportion proportion) => Of(proportion.Value, proportion.Confidence95);

    /// <summary>A value with an interval; without a value there is no interval either.</summary>
    public static MetricValue Of(double? value, Interval? interval) => value is null ? new MetricValue(Value: null) : new MetricValue(value, interval?.Lower, interval?.Upper);
}

/// <summary>Confusion matrix as stored; the positive class is "survived". Means over repeats need not be integers.</summary>
/// <param name="TrueNegatives">Rows that died and were predicted to die.</param>
/// <param name="FalsePositives">Rows that died and were predicted to survive.</param>
/// <param name="FalseNegatives">Rows that survived and were predicted to die.</param>
/// <param name="TruePositives">Rows that survived and were predicted to survive.</param>
public sealed record ConfusionCounts(double TrueNegatives, double FalsePositives, double FalseNegatives, double TruePositives)
{
    /// <summary>Whether all rows were predicted to have one outcome.</summary>
    internal bool PredictsOneClass => FalsePositives + TruePositives == 0 || TrueNegatives + FalseNegatives == 0;

    /// <summary>Number of rows with this actual and this predicted label.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A label is neither Died nor Survived.</exception>
    public double this[SurvivalLabel actual, SurvivalLabel predicted] => (actual, predicted) switch
    {
        (SurvivalLabel.Died, SurvivalLabel.Died) => TrueNegatives,
        (SurvivalLabel.Died, SurvivalLabel.Survived) => FalsePositives,
        (SurvivalLabel.Survived, SurvivalLabel.Died) => FalseNegatives,
        (SurvivalLabel.Survived, SurvivalLabel.Survived) => TruePositives,
        _ => throw new ArgumentOutOfRangeException(nameof(actual), $"There is no cell {actual}/{predicted}; labels are Died and Survived."),
    };
}

/// <summary>A point of a ROC or precision-recall curve.</summary>
/// <param name="X">False positive rate or recall, 0..1.</param>
/// <param name="Y">True positive rate or precision, 0..1.</param>
/// <param name="Threshold">Lowest probability that is predicted "survived" at this point; null if no row is.</param>
public sealed record CurvePoint(double X, double Y, double? Threshold);
