using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Evaluation;

/// <summary>Ways to look better than one is, each of which the evaluation must see through or show.</summary>
public sealed class HonestyTests
{
    private static readonly CrossValidationOptions Options = new();
    private static readonly KnnTrainer Knn = new(new KnnOptions(), "titanic_binned/1");

    [Fact]
    public void Remembering_rows_by_heart_gains_nothing()
    {
        var random = new SeededRandom(1912);
        var points = WeightedSamples.FromRows(["x"], Enumerable.Range(0, 600).Select(x => new WeightedSample([x], random.Next(3) == 0)));
        var majority = (double)points.DiedRows / points.Rows;

        Assert.Equal(1, HoldOut.Run(new Parrot(), points, points).Accuracy.Value); // what asking about learned rows would say
        Assert.Equal(majority, CrossValidation.Run(new Parrot(), points, Options).Accuracy.Value!.Value, 1e-12);
        Assert.Equal(majority, LeaveOneOut.Run(new Parrot(), points).Accuracy.Value!.Value, 1e-12);
    }

    [Fact]
    public void Outcomes_dealt_at_random_leave_nothing_to_learn()
    {
        var outcomes = TitanicRows.All.Select(row => row.Survived).ToArray();
        new SeededRandom(7).Shuffle(outcomes.AsSpan());
        var shuffled = WeightedSamples.FromRows(TitanicRows.FeatureNames, TitanicRows.All.Zip(outcomes, (row, survived) => row with { Survived = survived }));

        var result = CrossValidation.Run(Knn, shuffled, Options);

        Assert.InRange(result.Accuracy.Value!.Value, 0.5, 0.63); // the majority is 0.618
        Assert.InRange(0.5, result.RocAuc.Low!.Value, result.RocAuc.High!.Value);
    }

    [Fact]
    public void A_feature_that_knows_the_outcome_is_too_good_to_be_true()
    {
        var leaking = WeightedSamples.FromRows(
            [.. TitanicRows.FeatureNames, "boat"], TitanicRows.All.Select(row => row with { Point = [.. row.Point, row.Survived ? 1 : 0] }));

        var honest = CrossValidation.Run(Knn, TitanicRows.Points, Options).Accuracy;
        var leaked = CrossValidation.Run(Knn, leaking, Options).Accuracy;

        Assert.InRange(honest.Value!.Value, 0.79, 0.81);
        Assert.True(leaked.Low!.Value > 0.83, $"{leaked}"); // above 0.83 on this list something leaks
    }

    [Fact]
    public void Swapped_labels_turn_every_figure_around()
    {
        var right = CrossValidation.Run(Knn, TitanicRows.Points, Options);
        var swapped = CrossValidation.Run(new Opposite(Knn), TitanicRows.Points, Options);

        Assert.Equal(1 - right.Accuracy.Value!.Value, swapped.Accuracy.Value!.Value, 1e-12);
        Assert.Equal(1 - right.RocAuc.Value!.Value, swapped.RocAuc.Value!.Value, 1e-12);
        Assert.True(swapped.RocAuc.High!.Value < 0.5);
        Assert.Equal(
            right.MeanConfusion[actual: SurvivalLabel.Died, predicted: SurvivalLabel.Survived],
            swapped.MeanConfusion[actual: SurvivalLabel.Died, predicted: SurvivalLabel.Died], 1e-9);
    }

    [Fact]
    public void Swapped_axes_exchange_precision_and_recall()
    {
        var answers = HoldOut.Score(Knn.Fit(TitanicRows.Points), TitanicRows.Points);
        var swapped = ConfusionMatrix.Of(answers.Select(row => row with { Actual = row.Predicted, Predicted = row.Actual }));
        var matrix = ConfusionMatrix.Of(answers);

        Assert.NotEqual(matrix[SurvivalLabel.Died, SurvivalLabel.Survived], matrix[SurvivalLabel.Survived, SurvivalLabel.Died]);
        Assert.Equal(500, matrix.Recall.Trials); // survivors of the list: only the axis of what happened adds up to them
        Assert.NotEqual(500, swapped.Recall.Trials);
        Assert.Equal(matrix.Precision, swapped.Recall);
    }

    [Fact]
    public void The_same_answer_for_everybody_has_no_skill()
    {
        var constant = CrossValidation.Run(new MajorityBaseline(), TitanicRows.Points, Options);

        Assert.Equal(0.5, constant.RocAuc.Value!.Value, 1e-12);
        Assert.Equal(0.5, constant.BalancedAccuracy.Value!.Value, 1e-12);
        Assert.Equal(500.0 / 1309, constant.AveragePrecision.Value!.Value, 0.001);
        Assert.Equal(0, constant.F1.Value);
        Assert.Null(constant.Precision.Value);
        Assert.Equal(809.0 * 500 / 1309 / 1309, constant.Brier.Value!.Value, 0.001);
    }

    [Fact]
    public void The_order_of_the_rows_is_no_lever()
    {
        var shuffled = TitanicRows.All.ToArray();
        new SeededRandom(5).Shuffle(shuffled.AsSpan());
        var points = WeightedSamples.FromRows(TitanicRows.FeatureNames, shuffled);

        var (one, other) = (CrossValidation.Run(Knn, TitanicRows.Points, Options), CrossValidation.Run(Knn, points, Options));

        Assert.Equal(one.FoldsSha256, other.FoldsSha256);
        Assert.Equal(one.Folds, other.Folds); // to the bit
        Assert.Equal(one.Repeats, other.Repeats);
    }

    /// <summary>Knows every row it learned, and of others only that most died.</summary>
    private sealed class Parrot : ILearner
    {
        public string Name => "parrot";

        public IClassifier Fit(WeightedSamples training) => new Memory(training);

        private sealed class Memory(WeightedSamples known) : IClassifier
        {
            public ClassPrediction Predict(ReadOnlySpan<double> point) =>
                known.IndexOf(point) is >= 0 and var index ? ClassPrediction.FromCounts(known.Positives[index], known.Positives[index] + known.Negatives[index]) : new ClassPrediction(false, 0.33);
        }
    }

    private sealed class Opposite(ILearner learner) : ILearner
    {
        public string Name => "opposite";

        public IClassifier Fit(WeightedSamples training) => new Classifier(learner.Fit(training));

        private sealed class Classifier(IClassifier right) : IClassifier
        {
            public ClassPrediction Predict(ReadOnlySpan<double> point)
            {
                var answer = right.Predict(point);
                return new ClassPrediction(!answer.Survived, 1 - answer.Probability);
            }
        }
    }
}
