using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Pages.Models;

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
