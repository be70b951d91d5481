using System.Text.Json.Serialization;

namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// How a learner was evaluated, as the evaluators return it, the registry stores it (<c>jsonb</c>) and the API gives it. A metric that is undefined
/// for the data (precision without a positive prediction) is null.
/// </summary>
/// <param name="Subject">The learner's name: the model itself, or the baseline it stands beside.</param>
/// <param name="Method">Such as "10x5 cross-validation", "leave-one-out", "hold-out".</param>
/// <param name="Rows">How many labelled rows were predicted (per repeat, where there are repeats).</param>
/// <param name="Metrics">By name, such as "accuracy".</param>
/// <param name="Confusion">Rows by predicted and actual outcome; of a cross-validation the mean over the repeats.</param>
/// <param name="Calibration">Predicted beside observed shares; null where it was not taken, as in versions from before it was.</param>
/// <param name="Roc">Corner points from (0, 0) to (1, 1); x is the false, y the true positive rate. Null unless one fitted model predicted.</param>
/// <param name="PrecisionRecall">Corner points; x is the recall, y the precision. Null unless one fitted model predicted.</param>
/// <param name="Segments">Classes, sexes, and classes by sex; null where they were not taken.</param>
/// <param name="Seed">Of the assignment of rows to folds; null without folds, and in versions from before it was noted.</param>
/// <param name="Repeats">Of a cross-validation; null without folds, and in versions from before it was stored.</param>
/// <param name="Folds">Of a cross-validation; null without folds, and in versions from before it was stored.</param>
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
    /// The folds of a cross-validation, to be repeated exactly; null for any other method. Rows from before repeats and folds were stored have them
    /// in the method's name only ("10x5 cross-validation"), which is read here and nowhere else.
    /// </summary>
    /// <param name="seedOfOldRows">Used for rows that have no seed.</param>
    public CrossValidationOptions? FoldsUsed(long seedOfOldRows) => (Repeats, Folds) switch
    {
        ({ } repeats, { } folds) => new CrossValidationOptions(repeats, folds, Seed ?? seedOfOldRows),
        _ when Method.Split('x', ' ') is [var first, var second, "cross-validation"] && int.TryParse(first, out var repeats) && int.TryParse(second, out var folds) =>
            new CrossValidationOptions(repeats, folds, Seed ?? seedOfOldRows),
        _ => null,
    };

    /// <summary>Metrics with their intervals, of predictions for rows that the models had not learned.</summary>
    /// <param name="predictions">One per point and outcome.</param>
    /// <param name="detailsOf">The points that were predicted, for calibration and metrics by segment; null for neither.</param>
    internal static EvaluationRecord Of(string subject, string method, Metrics metrics, IReadOnlyList<ScoredRow> predictions, WeightedSamples? detailsOf)
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
            detailsOf is null ? null : CalibrationBin.Of(predictions),
            Segments: detailsOf is null ? null : SegmentMetrics.Of(detailsOf, predictions));
    }
}

/// <summary>A metric with what is known of its certainty.</summary>
/// <param name="Value">Null where the metric is undefined.</param>
/// <param name="Low">Lower end of the 95 % interval, where one is known.</param>
/// <param name="High">Upper end of the 95 % interval, where one is known.</param>
/// <param name="Spread">Standard deviation (n-1) over the repeats, where there are repeats: what the assignment to folds moves, not the metric's error.</param>
public sealed record MetricValue(double? Value, double? Low = null, double? High = null, double? Spread = null)
{
    public static MetricValue Of(Proportion proportion) => Of(proportion.Value, proportion.Confidence95);

    public static MetricValue Of(double? value, Interval? interval) => value is null ? new MetricValue(Value: null) : new MetricValue(value, interval?.Lower, interval?.Upper);
}

/// <summary>Rows by what was predicted and what happened; "positive" is survived. Means over repeats need not be whole.</summary>
public sealed record ConfusionCounts(double TrueNegatives, double FalsePositives, double FalseNegatives, double TruePositives)
{
    /// <summary>Rows with this actual and this predicted label.</summary>
    public double this[SurvivalLabel actual, SurvivalLabel predicted] => (actual, predicted) switch
    {
        (SurvivalLabel.Died, SurvivalLabel.Died) => TrueNegatives,
        (SurvivalLabel.Died, SurvivalLabel.Survived) => FalsePositives,
        (SurvivalLabel.Survived, SurvivalLabel.Died) => FalseNegatives,
        (SurvivalLabel.Survived, SurvivalLabel.Survived) => TruePositives,
        _ => throw new ArgumentOutOfRangeException(nameof(actual), $"There is no cell {actual}/{predicted}; labels are Died and Survived."),
    };
}

/// <summary>A corner of a curve over thresholds.</summary>
/// <param name="X">0..1.</param>
/// <param name="Y">0..1.</param>
/// <param name="Threshold">Lowest probability that is predicted "survived" here; null where nobody is.</param>
public sealed record CurvePoint(double X, double Y, double? Threshold);
