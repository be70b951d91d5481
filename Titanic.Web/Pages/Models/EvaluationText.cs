using System.Globalization;
using Titanic.Web.Lifecycle;
using Titanic.Web.Registry;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Pages.Models;

/// <summary>Names and explanations of evaluation metrics for the page of a version.</summary>
public static class EvaluationText
{
    /// <summary>The keys of the stored metrics and their display names, in display order.</summary>
    public static IReadOnlyList<(string Key, string Name)> Metrics { get; } =
    [
        ("accuracy", "Accuracy"),
        ("balancedAccuracy", "Balanced accuracy"),
        ("precision", "Precision"),
        ("recall", "Recall"),
        ("f1", "F1"),
        ("rocAuc", "ROC AUC"),
        ("averagePrecision", "Average precision"),
        ("logLoss", "Log loss"),
        ("brier", "Brier score"),
        ("calibrationError", "Calibration error"),
    ];

    /// <summary>The interval methods of an evaluation method.</summary>
    public static string DescribeIntervals(string method) => method switch
    {
        "leave-one-out" => $"{SingleFitIntervals}. Ranking metrics are not available, because each row is predicted by a different model.",
        "hold-out" => $"{SingleFitIntervals}; DeLong for ROC AUC, logit for average precision.",
        _ => "In parentheses: 95% interval by the corrected resampled t-test, which accounts for training rows shared between folds, "
            + "and ± the standard deviation over the repeats (the effect of another fold assignment). "
            + "A learner that predicts only one class in every fold has Wilson intervals for proportions and no other intervals.",
    };

    private const string SingleFitIntervals = "In parentheses: 95% interval, Wilson for proportions and metrics derived from them, normal approximation for mean losses";

    public static string SegmentName(SegmentMetrics segment) => (segment.Pclass, segment.Sex) switch
    {
        ({ } pclass, null) => $"{Format.Class(pclass)} class",
        (null, { } sex) => char.ToUpperInvariant(sex[0]) + sex[1..],
        var (pclass, sex) => $"{Format.Class(pclass!.Value)} class, {sex}",
    };

    /// <summary>The exact value for the data attributes that chart scripts read, so that a chart cannot differ from its table.</summary>
    public static string? RoundTrip(double? value) => value?.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>Names the better of two algorithms or two versions.</summary>
public static class ComparisonText
{
    public const string NoDifference = "No significant difference";

    /// <summary>
    /// The better of two versions, as in the promotion gate: with fewer discordant rows than
    /// <see cref="GatePolicy.MinimumDiscordantRows"/>, no difference of a proportion is significant.
    /// </summary>
    public static string Better(ComparedMetric metric, GatePolicy policy, int first, int second) =>
        metric.DiscordantRows < policy.MinimumDiscordantRows
            ? NoDifference
            : Better(metric.Difference, metric.LowerIsBetter, $"version {first}", $"version {second}");

    /// <summary>The name of the better side if the interval excludes 0; else "No significant difference".</summary>
    /// <param name="difference">The metric of the second minus the metric of the first.</param>
    public static string Better(MetricValue? difference, bool lowerIsBetter, string first = "K-NN", string second = "alternative") => difference switch
    {
        { Low: > 0 } => lowerIsBetter ? first : second,
        { High: < 0 } => lowerIsBetter ? second : first,
        _ => NoDifference,
    };
}

/// <summary>A chart and the table that it is drawn from.</summary>
/// <param name="Kind">The chart type for the script: "calibration", "roc" or "precision-recall".</param>
/// <param name="Explanation">How to read the chart.</param>
/// <param name="X">The label of the x-axis.</param>
/// <param name="Y">The label of the y-axis.</param>
public sealed record EvaluationChart(
    string Kind, string Method, string Title, string Explanation, string X, string Y, IReadOnlyList<string> Columns, IReadOnlyList<ChartRow> Rows)
{
    public static EvaluationChart? OfCalibration(EvaluationRecord evaluation) => evaluation.Calibration is { } bins
        ? new EvaluationChart(
            "calibration", evaluation.Method, "Calibration",
            "A model is calibrated if 70% of the passengers with a predicted probability of 70% survived: points on the dashed line. Bars are 95% Wilson intervals.",
            "Predicted probability", "Observed survival rate",
            ["Predicted probability (bin)", "Mean predicted", "Observed (95% interval)", "n"],
            [.. bins.Select(bin => new ChartRow(
                bin.MeanPredicted, bin.Observed.Value, bin.Observed.Low, bin.Observed.High,
                [$"{Format.Percent(bin.Over)} – {Format.Percent(bin.UpTo)}", Format.Percent(bin.MeanPredicted), MetricFormat.WithUncertainty("recall", bin.Observed), Format.Count(bin.Rows)]))])
        : null;

    public static EvaluationChart? OfRoc(EvaluationRecord evaluation) => evaluation.Roc is { } points
        ? new EvaluationChart(
            "roc", evaluation.Method, "ROC curve",
            "One point for each threshold; the dashed line is random guessing. The table lists the corner points.",
            "False positive rate", "True positive rate",
            ["Threshold", "False positive rate", "True positive rate"], [.. points.Select(RowOf)])
        : null;

    public static EvaluationChart? OfPrecisionRecall(EvaluationRecord evaluation) => evaluation.PrecisionRecall is { } points
        ? new EvaluationChart(
            "precision-recall", evaluation.Method, "Precision-recall curve",
            "One point for each threshold; the dashed line predicts “survived” for all passengers. The table lists the corner points.",
            "Recall", "Precision",
            ["Threshold", "Recall", "Precision"], [.. points.Select(RowOf)])
        : null;

    private static ChartRow RowOf(CurvePoint point) => new(
        point.X, point.Y, null, null,
        [point.Threshold is { } threshold ? Format.ThreeDecimals(threshold) : "none", Format.Percent(point.X), Format.Percent(point.Y)]);
}

/// <param name="X">Null if the row is not drawn. All four coordinates are shares, 0..1.</param>
/// <param name="Cells">The cells of the table row, row heading first.</param>
public sealed record ChartRow(double? X, double? Y, double? Low, double? High, IReadOnlyList<string> Cells);
