using Microsoft.ML;
using Microsoft.ML.Data;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;
using static Titanic.Web.Tests.Training.Knn.TitanicDataView;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>ML.NET's evaluation of the K-NN agrees with the product's own metrics.</summary>
public sealed class KnnEvaluationTests
{
    private readonly MLContext _ml = new(seed: 1912);

    [Theory]
    [InlineData(7, DistanceMetric.Manhattan, NeighborWeights.Uniform)]
    [InlineData(1, DistanceMetric.Euclidean, NeighborWeights.Uniform)]
    [InlineData(25, DistanceMetric.Euclidean, NeighborWeights.Distance)]
    public void ML_NET_evaluation_agrees_with_own_metrics(int k, DistanceMetric metric, NeighborWeights weights)
    {
        var model = Pipeline(_ml, new KnnOptions(k, metric, weights)).Fit(Rows(_ml));

        var theirs = _ml.BinaryClassification.Evaluate(model.Transform(Rows(_ml)));

        AssertEqual(Metrics.Of(HoldOut.Score(model.LastTransformer.Model, TitanicRows.Points)), theirs);
    }

    [Fact]
    public void ML_NET_cross_validation_agrees_with_own_metrics_on_every_fold()
    {
        var folds = _ml.BinaryClassification.CrossValidate(Rows(_ml), Pipeline(_ml), numberOfFolds: 5);

        Assert.Equal(5, folds.Count);
        Assert.InRange(folds.Average(fold => fold.Metrics.Accuracy), 0.78, 0.82);
        foreach (var fold in folds)
            AssertEqual(Metrics.Of(Scored(fold.ScoredHoldOutSet)), fold.Metrics);
        Assert.Equal(1309, folds.Sum(fold => Scored(fold.ScoredHoldOutSet).Length));
    }

    [Fact]
    public void Sex_has_the_highest_permutation_importance()
    {
        var model = Pipeline(_ml).Fit(Rows(_ml));

        var importance = _ml.BinaryClassification.PermutationFeatureImportance(model.LastTransformer, model.Transform(Rows(_ml)), permutationCount: 5);

        // Permuting sex reduces accuracy far more than permuting any other feature.
        Assert.Equal(["Pclass", "Sex", "AgeGroup", "FareBand"], model.LastTransformer.Model.Training.FeatureNames);
        Assert.Equal(4, importance.Length);
        Assert.InRange(importance[1].Accuracy.Mean, -0.3, -0.15);
        Assert.Equal(1, IndexOfLeast(importance, feature => feature.Accuracy.Mean));
        Assert.Equal(1, IndexOfLeast(importance, feature => feature.AreaUnderRocCurve.Mean));
        Assert.Equal(1, IndexOfLeast(importance, feature => feature.F1Score.Mean));
        Assert.All(importance, feature => Assert.True(feature.AreaUnderRocCurve.Mean < 0, "every feature must have a positive importance"));
    }

    /// <summary>Counts must be equal, metrics of probabilities to Single precision. ML.NET's log loss has base 2.</summary>
    private static void AssertEqual(Metrics ours, CalibratedBinaryClassificationMetrics theirs)
    {
        Assert.Equal(ours.Accuracy.Value!.Value, theirs.Accuracy, 1e-12);
        Assert.Equal(ours.Precision.Value!.Value, theirs.PositivePrecision, 1e-12);
        Assert.Equal(ours.Recall.Value!.Value, theirs.PositiveRecall, 1e-12);
        Assert.Equal(ours.Confusion.Specificity.Value!.Value, theirs.NegativeRecall, 1e-12);
        Assert.Equal(ours.BalancedAccuracy!.Value, (theirs.PositiveRecall + theirs.NegativeRecall) / 2, 1e-12);
        Assert.Equal(ours.F1!.Value, theirs.F1Score, 1e-12);
        Assert.Equal(ours.Confusion.TruePositives, theirs.ConfusionMatrix.Counts[0][0]);
        Assert.Equal(ours.Confusion.FalsePositives, theirs.ConfusionMatrix.Counts[1][0]);
        Assert.Equal(ours.RocAuc!.Value, theirs.AreaUnderRocCurve, 1e-6);
        Assert.Equal(ours.LogLoss!.Value / Math.Log(2), theirs.LogLoss, 1e-6);
    }

    private static ScoredRow[] Scored(IDataView rows) =>
    [
        .. rows.GetColumn<float>("Probability")
            .Zip(rows.GetColumn<bool>("PredictedLabel"), rows.GetColumn<bool>("Label"))
            .Select(row => new ScoredRow(row.First, row.Second, row.Third)),
    ];

    private static int IndexOfLeast<T>(IReadOnlyList<T> items, Func<T, double> by) =>
        Enumerable.Range(0, items.Count).MinBy(index => by(items[index]));
}
