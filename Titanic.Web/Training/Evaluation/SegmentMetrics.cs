using Titanic.Web.Passengers;

namespace Titanic.Web.Training.Evaluation;

/// <summary>The answers for some of the passengers: of a class, of a sex, or of both.</summary>
/// <param name="Pclass">1..3, or null for all classes.</param>
/// <param name="Sex">Null for both.</param>
/// <param name="Brier">95 % interval of the metrics' Brier score.</param>
public sealed record SegmentMetrics(int? Pclass, Sex? Sex, Metrics Metrics, Interval? Brier)
{
    private const string ClassFeature = "pclass";
    private const string SexFeature = "sex";

    /// <summary>Classes, then sexes, then classes by sex; only segments that have rows.</summary>
    /// <param name="points">What was asked; both views have class and sex as features by these names.</param>
    /// <param name="answers">One per point and outcome, in the points' order, victims before survivors.</param>
    public static IReadOnlyList<SegmentMetrics> Of(LabelledPoints points, IReadOnlyList<ScoredRow> answers)
    {
        var names = points.FeatureNames.ToList();
        var (classFeature, sexFeature) = (names.IndexOf(ClassFeature), names.IndexOf(SexFeature));
        if (classFeature < 0 || sexFeature < 0)
            return [];
        int[] asked = [.. Enumerable.Range(0, points.Count).SelectMany(point =>
            Enumerable.Repeat(point, (points.Negatives[point] > 0 ? 1 : 0) + (points.Positives[point] > 0 ? 1 : 0)))];
        if (asked.Length != answers.Count)
            throw new ArgumentException($"There are {answers.Count} answers; it must be one per point and outcome ({asked.Length}).", nameof(answers));
        var answered = asked
            .Zip(answers, (point, answer) => (Pclass: (int)points.Point(point)[classFeature], Sex: (Sex)(int)points.Point(point)[sexFeature], Answer: answer))
            .ToList();
        return
        [
            .. answered.GroupBy(row => row.Pclass).OrderBy(group => group.Key).Select(group => Measure(group.Key, null, group)),
            .. answered.GroupBy(row => row.Sex).OrderBy(group => group.Key).Select(group => Measure(null, group.Key, group)),
            .. answered.GroupBy(row => (row.Pclass, row.Sex)).OrderBy(group => group.Key).Select(group => Measure(group.Key.Pclass, group.Key.Sex, group)),
        ];
    }

    private static SegmentMetrics Measure(int? pclass, Sex? sex, IEnumerable<(int Pclass, Sex Sex, ScoredRow Answer)> rows)
    {
        ScoredRow[] answers = [.. rows.Select(row => row.Answer)];
        return new SegmentMetrics(pclass, sex, Metrics.Of(answers), MetricIntervals.Of(answers).Brier);
    }
}
