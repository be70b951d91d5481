using Titanic.Web.Registry;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Registry;

public sealed class EvaluationComparisonTests
{
    private static readonly EvaluationRecord _stored = new(
        "knn", "hold-out", 264, new Dictionary<string, MetricValue> { ["accuracy"] = new(0.8125, 0.75, 0.875), ["precision"] = new(null) }, new ConfusionCounts(150, 13, 33, 68),
        Roc: [new CurvePoint(0, 0, null), new CurvePoint(1, 1, 0.5)]);

    [Fact]
    public void Equal_records_have_no_differences()
    {
        var differences = EvaluationComparison.Between([_stored], [_stored with { Roc = [.. _stored.Roc!] }]);

        Assert.Equal(5, differences.Compared); // rows, two metrics, the confusion matrix and the curve
        Assert.Empty(differences.Differences);
        Assert.Empty(differences.NotRecomputed);
    }

    [Fact]
    public void A_difference_has_the_name_of_its_metric_and_both_values()
    {
        var recomputed = _stored with
        {
            Metrics = new Dictionary<string, MetricValue> { ["accuracy"] = new(0.8125, 0.75, 0.8750000000000001), ["precision"] = new(0.1 + 0.2) },
            Confusion = new ConfusionCounts(150, 13, 34, 67),
            Roc = null,
        };

        Assert.Equal(
            [
                "accuracy of knn by hold-out has a different interval or spread",
                "precision of knn by hold-out is 0.30000000000000004, stored is undefined",
                "confusion matrix of knn by hold-out differs",
                "ROC curve of knn by hold-out differs",
            ],
            EvaluationComparison.Between([_stored], [recomputed]).Differences.Select(difference => difference.ToString()));
    }

    /// <summary>Older versions store the intervals of the folds, which are too narrow where all predictions are one class.</summary>
    [Theory]
    [InlineData(0, 0.5, 0)]
    [InlineData(0, 0.625, 1)]
    [InlineData(1, 0.5, 1)]
    public void Ignores_the_older_interval_of_a_cross_validation_that_predicts_one_class(double survivorsPredicted, double value, int differences)
    {
        var old = new EvaluationRecord(
            "majority", "10x5 cross-validation", 200, new Dictionary<string, MetricValue> { ["accuracy"] = new(0.5, 0.4992, 0.5008, 0) },
            new ConfusionCounts(100, survivorsPredicted, 100, 0));
        var recomputed = old with { Metrics = new Dictionary<string, MetricValue> { ["accuracy"] = new(value, 0.43, 0.57, 0) } };

        Assert.Equal(differences, EvaluationComparison.Between([old], [recomputed]).Differences.Count);
        Assert.Single(
            EvaluationComparison.Between([old with { Method = "hold-out" }], [recomputed with { Method = "hold-out" }]).Differences);
    }

    [Fact]
    public void Names_methods_that_were_not_recomputed_and_ignores_new_parts()
    {
        var old = _stored with { Roc = null, Metrics = new Dictionary<string, MetricValue> { ["accuracy"] = new(0.8125, 0.75, 0.875) } };

        var differences = EvaluationComparison.Between([old, _stored with { Method = "nested 5-fold cross-validation" }], [_stored]);

        Assert.Equal(3, differences.Compared);
        Assert.Empty(differences.Differences);
        Assert.Equal(["nested 5-fold cross-validation"], differences.NotRecomputed);
    }
}
