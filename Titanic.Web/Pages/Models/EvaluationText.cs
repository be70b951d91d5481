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
