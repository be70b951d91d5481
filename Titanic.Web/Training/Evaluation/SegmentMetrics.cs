using Titanic.Web.Passengers;

namespace Titanic.Web.Training.Evaluation;

/// <summary>Metrics of the predictions for a segment of the passengers: by class, by sex, or by class and sex.</summary>
/// <param name="Pclass">1..3; null for all classes.</param>
/// <param name="Sex">"male" or "female"; null for both.</param>
/// <param name="Rows">Number of rows in the segment, at least 1.</param>
/// <param name="Confusion">Confusion matrix of the segment.</param>
/// <param name="Accuracy">Accuracy, 0..1, with its 95% Wilson interval.</param>
/// <param name="Brier">Brier score, 0..1, with its 95% interval.</param>
public sealed record SegmentMetrics(int? Pclass, string? Sex, int Rows, ConfusionCounts Confusion, MetricValue Accuracy, MetricValue Brier)
{
    private const string ClassFeature = "pclass";
    private const string SexFeature = "sex";

    /// <summary>Computes the metrics of all segments that have rows: first classes, then sexes, then classes by sex.</summary>
    /// <param name="points">The predicted rows. Class and sex are the features named "pclass" and "sex" of both views.</param>
    /// <param name="predictions">The predictions of these points, in any order.</param>
    /// <returns>Empty if the points have no feature for class or sex.</returns>
    public static IReadOnlyList<SegmentMetrics> Of(WeightedSamples points, IReadOnlyList<ScoredRow> predictions)
    {
        var names = points.FeatureNames.ToList();
        var (classFeature, sexFeature) = (names.IndexOf(ClassFeature), names.IndexOf(SexFeature));
        if (classFeature < 0 || sexFeature < 0)
            return [];
        var rows = predictions.Select(prediction => (Point: points.Point(prediction.Point!.Value).ToArray(), Prediction: prediction))
            .Select(row => (Pclass: (int)row.Point[classFeature], Sex: (Sex)(int)row.Point[sexFeature], row.Prediction))
            .ToList();
        return
        [
            .. rows.GroupBy(row => row.Pclass).OrderBy(group => group.Key).Select(group => Measure(group.Key, null, group)),
            .. rows.GroupBy(row => row.Sex).OrderBy(group => group.Key).Select(group => Measure(null, group.Key, group)),
            .. rows.GroupBy(row => (row.Pclass, row.Sex)).OrderBy(group => group.Key).Select(group => Measure(group.Key.Pclass, group.Key.Sex, group)),
        ];
    }

    private static SegmentMetrics Measure(int? pclass, Sex? sex, IEnumerable<(int Pclass, Sex Sex, ScoredRow Prediction)> rows)
    {
        ScoredRow[] predictions = [.. rows.Select(row => row.Prediction)];
        var metrics = Metrics.Of(predictions);
        return new SegmentMetrics(
            pclass, sex is { } known ? SexConverter.Format(known) : null, metrics.Rows,
            metrics.Confusion.ToCounts(), MetricValue.Of(metrics.Accuracy), MetricValue.Of(metrics.Brier, MetricIntervals.Of(predictions).Brier));
    }
}
