namespace Titanic.Web.Registry;

/// <summary>How a model was measured. A figure that is undefined for the data (precision without a positive answer) is null.</summary>
/// <param name="Subject">The model itself, or the baseline it stands beside.</param>
/// <param name="Method">Such as "10x5 cross-validation", "leave-one-out", "hold-out".</param>
/// <param name="Rows">How many labelled rows were answered (per repeat, where there are repeats).</param>
/// <param name="Calibration">Predicted beside observed shares; null where it was not taken, as in versions from before it was.</param>
/// <param name="Roc">Corner points from (0, 0) to (1, 1); x is the false, y the true positive rate. Null unless one fitted model answered.</param>
/// <param name="PrecisionRecall">Corner points; x is the recall, y the precision. Null unless one fitted model answered.</param>
/// <param name="Segments">Classes, sexes, and classes by sex; null where they were not taken.</param>
/// <param name="Seed">What dealt the folds; null without folds, and in versions from before it was noted.</param>
public sealed record EvaluationRecord(
    string Subject,
    string Method,
    int Rows,
    IReadOnlyDictionary<string, Figure> Metrics,
    ConfusionCounts Confusion,
    IReadOnlyList<CalibrationPoint>? Calibration = null,
    IReadOnlyList<CurvePoint>? Roc = null,
    IReadOnlyList<CurvePoint>? PrecisionRecall = null,
    IReadOnlyList<SegmentFigures>? Segments = null,
    long? Seed = null);

/// <param name="Low">Lower end of the 95 % interval, where one is known.</param>
/// <param name="Spread">Standard deviation over the repeats, where there are repeats.</param>
public sealed record Figure(double? Value, double? Low = null, double? High = null, double? Spread = null);

/// <summary>Rows by what was predicted and what happened; "positive" is survived. Means over repeats need not be whole.</summary>
public sealed record ConfusionCounts(double TrueNegatives, double FalsePositives, double FalseNegatives, double TruePositives);

/// <summary>Rows whose predicted probability lies in (<paramref name="Over"/>, <paramref name="UpTo"/>].</summary>
/// <param name="MeanPredicted">0..1; null without rows.</param>
/// <param name="Observed">Share of survivors.</param>
public sealed record CalibrationPoint(double Over, double UpTo, int Rows, double? MeanPredicted, Figure Observed);

/// <param name="Threshold">Lowest probability that is answered "survived" here; null where nobody is.</param>
public sealed record CurvePoint(double X, double Y, double? Threshold);

/// <param name="Pclass">1..3, or null for all classes.</param>
/// <param name="Sex">"male" or "female", or null for both.</param>
public sealed record SegmentFigures(int? Pclass, string? Sex, int Rows, ConfusionCounts Confusion, Figure Accuracy, Figure Brier);
