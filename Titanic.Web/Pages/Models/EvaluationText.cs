using System.Globalization;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Pages.Models;

/// <summary>What the page of a version says about evaluations, in words and plain numbers.</summary>
public static class EvaluationText
{
    /// <summary>The metrics in the order in which they were registered, with the names that people use.</summary>
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

    /// <summary>A figure and how sure it is: an interval, a spread over repeats, both or neither.</summary>
    public static (string Value, string? Certainty) Shown(MetricValue? figure) => (Format.Number(figure?.Value), figure switch
    {
        { Low: { } low, High: { } high, Spread: { } spread } => $"{Format.Number(low)} to {Format.Number(high)}; ± {Format.Number(spread)}",
        { Low: { } low, High: { } high } => $"{Format.Number(low)} to {Format.Number(high)}",
        { Spread: { } spread } => $"± {Format.Number(spread)}",
        _ => null,
    });

    /// <summary>A share and its interval in percent.</summary>
    public static string ShownInPercent(MetricValue figure) =>
        figure is { Low: { } low, High: { } high } ? $"{Format.Percent(figure.Value)} ({Format.Percent(low)} to {Format.Percent(high)})" : Format.Percent(figure.Value);

    /// <summary>How the intervals of a method come about.</summary>
    public static string AboutIntervals(string method) => method switch
    {
        "leave-one-out" => $"{Once}. Nothing ranks rows here, because every row was answered by another fit.",
        "hold-out" => $"{Once}; DeLong's for ROC AUC, a logit interval for average precision.",
        _ => "In brackets the 95 % interval by the corrected resampled t, which allows for folds that share their training rows, and ± the standard deviation over the repeats: what another deal into folds moves.",
    };

    private const string Once = "In brackets the 95 % interval: Wilson's for shares and for what follows from them, normal intervals for means of the rows' losses";

    public static string NameOf(SegmentMetrics segment) => (segment.Pclass, segment.Sex) switch
    {
        ({ } pclass, null) => $"Class {pclass}",
        (null, { } sex) => char.ToUpperInvariant(sex[0]) + sex[1..],
        var (pclass, sex) => $"Class {pclass}, {sex}",
    };

    /// <summary>What scripts read from tables to draw them, so that a picture cannot differ from its table.</summary>
    public static string? Plain(double? value) => value?.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>Says what a paired difference between two learners, or two versions, means.</summary>
public static class ComparisonText
{
    /// <summary>"+0.0093 (+0.0012 to +0.0174)".</summary>
    public static string Difference(MetricValue? difference) => difference is null
        ? Format.Nothing
        : $"{Format.Difference(difference.Value)} ({Format.Difference(difference.Low)} to {Format.Difference(difference.High)})";

    /// <summary>Nobody, unless the whole interval stands on one side of 0.</summary>
    /// <param name="difference">The second's figure minus the first's.</param>
    public static string Better(MetricValue? difference, bool lowerIsBetter, string first = "K-NN", string second = "the other") => difference switch
    {
        { Low: > 0 } => lowerIsBetter ? first : second,
        { High: < 0 } => lowerIsBetter ? second : first,
        _ => "neither, beyond chance",
    };
}

/// <summary>A drawing and the table behind it.</summary>
/// <param name="Kind">What the script draws: "calibration", "roc" or "precision-recall".</param>
/// <param name="Explanation">How to read it, in a sentence.</param>
/// <param name="X">Name of the axis.</param>
public sealed record EvaluationChart(
    string Kind, string Method, string Title, string Explanation, string X, string Y, IReadOnlyList<string> Columns, IReadOnlyList<ChartRow> Rows)
{
    public static EvaluationChart? OfCalibration(EvaluationRecord evaluation) => evaluation.Calibration is { } bins
        ? new EvaluationChart(
            "calibration", evaluation.Method, "Calibration",
            "Of those who were given a chance of 70 %, 70 % should have survived: points on the dashed line. Bars are Wilson's 95 % intervals.",
            "Predicted probability", "Observed share of survivors",
            ["Probability over – up to", "Mean predicted", "Observed (95 % interval)", "n"],
            [.. bins.Select(bin => new ChartRow(
                bin.MeanPredicted, bin.Observed.Value, bin.Observed.Low, bin.Observed.High,
                [$"{Format.Percent(bin.Over)} – {Format.Percent(bin.UpTo)}", Format.Percent(bin.MeanPredicted), EvaluationText.ShownInPercent(bin.Observed), Format.Count(bin.Rows)]))])
        : null;

    public static EvaluationChart? OfRoc(EvaluationRecord evaluation) => evaluation.Roc is { } points
        ? new EvaluationChart(
            "roc", evaluation.Method, "ROC curve",
            "What every threshold would give; the dashed line is guessing. Its corner points are in the table.",
            "Victims answered “survived”", "Survivors answered “survived”",
            ["Threshold", "False positive rate", "True positive rate"], [.. points.Select(RowOf)])
        : null;

    public static EvaluationChart? OfPrecisionRecall(EvaluationRecord evaluation) => evaluation.PrecisionRecall is { } points
        ? new EvaluationChart(
            "precision-recall", evaluation.Method, "Precision and recall",
            "What every threshold would give; the dashed line is answering “survived” for everybody. Its corner points are in the table.",
            "Recall", "Precision",
            ["Threshold", "Recall", "Precision"], [.. points.Select(RowOf)])
        : null;

    private static ChartRow RowOf(CurvePoint point) => new(
        point.X, point.Y, null, null,
        [point.Threshold is { } threshold ? Format.Number(threshold) : "nobody", Format.Percent(point.X), Format.Percent(point.Y)]);
}

/// <param name="X">Null where there is nothing to draw; all four are shares 0..1.</param>
/// <param name="Cells">The row of the table, its heading first.</param>
public sealed record ChartRow(double? X, double? Y, double? Low, double? High, IReadOnlyList<string> Cells);
