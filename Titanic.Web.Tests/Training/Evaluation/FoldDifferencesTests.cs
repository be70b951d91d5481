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
    public void A_better_learner_is_told_from_a_worse_one()
    {
        var majority = Run(new MajorityBaseline());

        var gain = FoldDifferences.Of(majority, Knn, metrics => metrics.Accuracy.Value)!;

        Assert.Equal(("majority", "knn", 50), (gain.First, gain.Second, gain.Values.Count));
        Assert.Equal(Knn.Folds[7].Accuracy.Value - majority.Folds[7].Accuracy.Value, gain.Values[7]);
        Assert.Equal(0.184, gain.Mean.Mean, 0.01); // 0.802 - 0.618
        Assert.True(gain.Mean.Confidence95.Lower > 0.1);
    }

    [Fact]
    public void A_pair_says_more_than_two_intervals()
    {
        var neighbour = Run(new KnnTrainer(new KnnOptions(9), "titanic_binned/1"));

        var gain = FoldDifferences.Of(Knn, neighbour, metrics => metrics.Brier)!;

        var width = gain.Mean.Confidence95.Upper - gain.Mean.Confidence95.Lower;
        Assert.InRange(width, 0, (Knn.Brier.High!.Value - Knn.Brier.Low!.Value) / 3);
        Assert.InRange(0, gain.Mean.Confidence95.Lower, gain.Mean.Confidence95.Upper); // k = 3..9 cannot be told apart
    }

    [Fact]
    public void A_learner_does_not_differ_from_itself()
    {
        var none = FoldDifferences.Of(Knn, Knn, metrics => metrics.LogLoss)!;

        Assert.All(none.Values, difference => Assert.Equal(0, difference));
        Assert.Equal((0, new Interval(0, 0)), (none.Mean.Mean, none.Mean.Confidence95));
    }

    [Fact]
    public void What_one_of_them_has_not_got_cannot_be_compared() =>
        Assert.Null(FoldDifferences.Of(Run(new MajorityBaseline()), Knn, metrics => metrics.Precision.Value));

    [Fact]
    public void Other_folds_or_other_rows_are_refused()
    {
        var otherRows = WeightedSamples.FromRows(TitanicRows.FeatureNames, TitanicRows.All.Select(row => row with { Point = [4 - row.Point[0], .. row.Point[1..]] }));
        var learner = new MajorityBaseline();

        foreach (var other in new[]
        {
            CrossValidation.Run(learner, TitanicRows.Points, Options with { Seed = 2 }),
            CrossValidation.Run(learner, TitanicRows.Points, Options with { Folds = 4 }),
            CrossValidation.Run(learner, otherRows, Options),
        })
            Assert.Contains("other folds", Assert.Throws<ArgumentException>(() => FoldDifferences.Of(Knn, other, metrics => metrics.Brier)).Message, StringComparison.Ordinal);
    }

    private static CrossValidationResult Run(ILearner learner) => CrossValidation.Run(learner, TitanicRows.Points, Options);
}
