using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class FoldDifferencesTests
{
    private static readonly CrossValidationOptions Options = new();
    private static readonly CrossValidationResult Knn = Run(new KnnTrainer(new KnnOptions(), "titanic_binned/1"));

    [Fact]
    public void Difference_between_a_better_and_a_worse_learner_is_significant()
    {
        var majority = Run(new MajorityBaseline());

        var gain = FoldDifferences.Of(majority, Knn, metrics => metrics.Accuracy.Value)!;

        Assert.Equal(("majority", "knn", 50), (gain.First, gain.Second, gain.Values.Count));
        Assert.Equal(Knn.Folds[7].Accuracy.Value - majority.Folds[7].Accuracy.Value, gain.Values[7]);
        Assert.Equal(0.184, gain.Mean.Mean, 0.01); // 0.802 - 0.618
        Assert.True(gain.Mean.Confidence95.Lower > 0.1);
    }

    [Fact]
    public void Paired_interval_is_narrower_than_two_separate_intervals()
    {
        var otherK = Run(new KnnTrainer(new KnnOptions(9), "titanic_binned/1"));

        var gain = FoldDifferences.Of(Knn, otherK, metrics => metrics.Brier)!;

        var width = gain.Mean.Confidence95.Upper - gain.Mean.Confidence95.Lower;
        Assert.InRange(width, 0, (Knn.Brier.High!.Value - Knn.Brier.Low!.Value) / 3);
        Assert.InRange(0, gain.Mean.Confidence95.Lower, gain.Mean.Confidence95.Upper); // k = 3..9 do not differ significantly
    }

    [Fact]
    public void Differences_of_a_learner_to_itself_are_zero()
    {
        var none = FoldDifferences.Of(Knn, Knn, metrics => metrics.LogLoss)!;

        Assert.All(none.Values, difference => Assert.Equal(0, difference));
        Assert.Equal((0, new Interval(0, 0)), (none.Mean.Mean, none.Mean.Confidence95));
    }

    [Fact]
    public void Returns_null_for_a_metric_that_is_undefined_for_one_learner() =>
        Assert.Null(FoldDifferences.Of(Run(new MajorityBaseline()), Knn, metrics => metrics.Precision.Value));

    [Fact]
    public void Rejects_results_of_different_folds_or_rows()
    {
        var otherRows = WeightedSamples.FromRows(TitanicRows.FeatureNames, TitanicRows.All.Select(row => row with { Point = [4 - row.Point[0], .. row.Point[1..]] }));
        var learner = new MajorityBaseline();

        foreach (var other in new[]
        {
            CrossValidation.Run(learner, TitanicRows.Points, Options with { Seed = 2 }),
            CrossValidation.Run(learner, TitanicRows.Points, Options with { Folds = 4 }),
            CrossValidation.Run(learner, otherRows, Options),
        })
            Assert.Contains("different folds", Assert.Throws<ArgumentException>(() => FoldDifferences.Of(Knn, other, metrics => metrics.Brier)).Message, StringComparison.Ordinal);
    }

    private static CrossValidationResult Run(ILearner learner) => CrossValidation.Run(learner, TitanicRows.Points, Options);
}
