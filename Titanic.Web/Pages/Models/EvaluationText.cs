using System.Globalization;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Pages.Models;

/// <summary>Formats evaluation metrics for the page of a version.</summary>
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

    /// <summary>A metric and its uncertainty: an interval, a standard deviation over repeats, both or null.</summary>
    /// <param name="key">The key of the metric, which determines the number format.</param>
    public static (string Value, string? Uncertainty) FormatMetric(string key, MetricValue? metric)
    {
        return (Text(metric?.Value), metric switch
        {
            { Low: { } low, High: { } high, Spread: { } spread } => $"{Text(low)} to {Text(high)}; ± {Text(spread)}",
            { Low: { } low, High: { } high } => $"{Text(low)} to {Text(high)}",
            { Spread: { } spread } => $"± {Text(spread)}",
            _ => null,
        });

        string Text(double? value) => FormatValue(key, value);
    }

    /// <summary>Proportions in percent, the Brier score with four decimals, all other metrics with three.</summary>
    /// <param name="key">The key of the metric, as in stored evaluations.</param>
    public static string FormatValue(string key, double? value) => key switch
    {
        "accuracy" or "balancedAccuracy" or "precision" or "recall" or "specificity" => Format.Percent(value),
        "brier" => Format.FourDecimals(value),
        _ => Format.ThreeDecimals(value),
    };

    /// <summary>A share and its interval in percent: "79.8% (75.1% to 83.9%)".</summary>
    public static string FormatPercent(MetricValue? metric) =>
        metric is { Low: { } low, High: { } high } ? $"{Format.Percent(metric.Value)} ({Format.Percent(low)} to {Format.Percent(high)})" : Format.Percent(metric?.Value);

    /// <summary>The interval methods of an evaluation method.</summary>
    public static string DescribeIntervals(string method) => method switch
    {
        "leave-one-out" => $"{HeldOutIntervals}. Ranking metrics are not available, because each row is predicted by a different model.",
        "hold-out" => $"{HeldOutIntervals}; DeLong for ROC AUC, logit for average precision.",
        _ => "In parentheses: 95% interval by the corrected resampled t-test, which accounts for training rows shared between folds, "
            + "and ± the standard deviation over the repeats (the effect of another fold assignment). A baseline that predicts one class has Wilson intervals for proportions and no other intervals.",
    };

    private const string HeldOutIntervals = "In parentheses: 95% interval, Wilson for proportions and metrics derived from them, normal approximation for mean losses";

    public static string SegmentName(SegmentMetrics segment) => (segment.Pclass, segment.Sex) switch
    {
        ({ } pclass, null) => $"Class {pclass}",
        (null, { } sex) => char.ToUpperInvariant(sex[0]) + sex[1..],
        var (pclass, sex) => $"Class {pclass}, {sex}",
    };

    /// <summary>The exact value for the data attributes that chart scripts read, so that a chart cannot differ from its table.</summary>
    public static string? RoundTrip(double? value) => value?.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>Formats a paired difference between two algorithms or two versions.</summary>
public static class ComparisonText
{
    /// <summary>"+0.0093 (+0.0012 to +0.0174)".</summary>
    public static string FormatDifference(MetricValue? difference) => difference is null
        ? Format.Missing
        : $"{Format.Difference(difference.Value)} ({Format.Difference(difference.Low)} to {Format.Difference(difference.High)})";

    /// <summary>The name of the better side if the interval excludes 0; else "No significant difference".</summary>
    /// <param name="difference">The metric of the second minus the metric of the first.</param>
    public static string Better(MetricValue? difference, bool lowerIsBetter, string first = "K-NN", string second = "alternative") => difference switch
    {
        { Low: > 0 } => lowerIsBetter ? first : second,
        { High: < 0 } => lowerIsBetter ? second : first,
        _ => "No significant difference",
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
                [$"{Format.Percent(bin.Over)} – {Format.Percent(bin.UpTo)}", Format.Percent(bin.MeanPredicted), EvaluationText.FormatPercent(bin.Observed), Format.Count(bin.Rows)]))])
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
