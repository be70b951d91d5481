using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Evaluation;

/// <summary>
/// Sanity checks: mistakes and leaks that make a model look better must not improve the evaluation or must become visible.
/// </summary>
public sealed class EvaluationSanityTests
{
    private static readonly CrossValidationOptions Options = new();
    private static readonly KnnTrainer Knn = new(new KnnOptions(), "titanic_binned/1");

    [Fact]
    public void Memorizing_rows_does_not_improve_evaluation()
    {
        var random = new SeededRandom(1912);
        var points = WeightedSamples.FromRows(["x"], Enumerable.Range(0, 600).Select(x => new WeightedSample([x], random.Next(3) == 0)));
        var majority = (double)points.DiedRows / points.Rows;

        Assert.Equal(1, HoldOut.Run(new MemorizingLearner(), points, points).Accuracy.Value); // evaluation on the training rows
        Assert.Equal(majority, CrossValidation.Run(new MemorizingLearner(), points, Options).Accuracy.Value!.Value, 1e-12);
        Assert.Equal(majority, LeaveOneOut.Run(new MemorizingLearner(), points).Accuracy.Value!.Value, 1e-12);
    }

    [Fact]
    public void Shuffled_outcomes_leave_no_skill()
    {
        var outcomes = TitanicRows.All.Select(row => row.Survived).ToArray();
        new SeededRandom(7).Shuffle(outcomes.AsSpan());
        var shuffled = WeightedSamples.FromRows(TitanicRows.FeatureNames, TitanicRows.All.Zip(outcomes, (row, survived) => row with { Survived = survived }));

        var result = CrossValidation.Run(Knn, shuffled, Options);

        Assert.InRange(result.Accuracy.Value!.Value, 0.5, 0.63); // the majority is 0.618
        Assert.InRange(0.5, result.RocAuc.Low!.Value, result.RocAuc.High!.Value);
    }

    [Fact]
    public void A_leaking_feature_raises_accuracy_above_the_plausible_range()
    {
        var leaking = WeightedSamples.FromRows(
            [.. TitanicRows.FeatureNames, "boat"], TitanicRows.All.Select(row => row with { Point = [.. row.Point, row.Survived ? 1 : 0] }));

        var withoutLeak = CrossValidation.Run(Knn, TitanicRows.Points, Options).Accuracy;
        var withLeak = CrossValidation.Run(Knn, leaking, Options).Accuracy;

        Assert.InRange(withoutLeak.Value!.Value, 0.79, 0.81);
        Assert.True(withLeak.Low!.Value > 0.83, $"{withLeak}"); // an accuracy above 0.83 on these data indicates a leak
    }

    [Fact]
    public void Inverted_predictions_invert_the_metrics()
    {
        var original = CrossValidation.Run(Knn, TitanicRows.Points, Options);
        var inverted = CrossValidation.Run(new InvertingLearner(Knn), TitanicRows.Points, Options);

        Assert.Equal(1 - original.Accuracy.Value!.Value, inverted.Accuracy.Value!.Value, 1e-12);
        Assert.Equal(1 - original.RocAuc.Value!.Value, inverted.RocAuc.Value!.Value, 1e-12);
        Assert.True(inverted.RocAuc.High!.Value < 0.5);
        Assert.Equal(
            original.MeanConfusion[actual: SurvivalLabel.Died, predicted: SurvivalLabel.Survived],
            inverted.MeanConfusion[actual: SurvivalLabel.Died, predicted: SurvivalLabel.Died], 1e-9);
    }

    [Fact]
    public void Transposed_confusion_matrix_exchanges_precision_and_recall()
    {
        var predictions = HoldOut.Score(Knn.Fit(TitanicRows.Points), TitanicRows.Points);
        var transposed = ConfusionMatrix.Of(predictions.Select(row => row with { Actual = row.Predicted, Predicted = row.Actual }));
        var matrix = ConfusionMatrix.Of(predictions);

        Assert.NotEqual(matrix[SurvivalLabel.Died, SurvivalLabel.Survived], matrix[SurvivalLabel.Survived, SurvivalLabel.Died]);
        Assert.Equal(500, matrix.Recall.Trials); // survivors in the data: only the axis of actual labels adds up to them
        Assert.NotEqual(500, transposed.Recall.Trials);
        Assert.Equal(matrix.Precision, transposed.Recall);
    }

    [Fact]
    public void A_constant_prediction_has_no_skill()
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
    public void Row_order_has_no_effect_on_the_evaluation()
    {
        var shuffled = TitanicRows.All.ToArray();
        new SeededRandom(5).Shuffle(shuffled.AsSpan());
        var points = WeightedSamples.FromRows(TitanicRows.FeatureNames, shuffled);

        var (original, reordered) = (CrossValidation.Run(Knn, TitanicRows.Points, Options), CrossValidation.Run(Knn, points, Options));

        Assert.Equal(original.FoldsSha256, reordered.FoldsSha256);
        Assert.Equal(original.Folds, reordered.Folds); // to the bit
        Assert.Equal(original.Repeats, reordered.Repeats);
    }

    /// <summary>Predicts training rows by lookup, and all other rows as "died".</summary>
    private sealed class MemorizingLearner : ILearner
    {
        public string Name => "memorizing";

        public IClassifier Fit(WeightedSamples training) => new MemorizingClassifier(training);

        private sealed class MemorizingClassifier(WeightedSamples training) : IClassifier
        {
            public ClassPrediction Predict(ReadOnlySpan<double> point) =>
                training.IndexOf(point) is >= 0 and var index ? ClassPrediction.FromCounts(training.Positives[index], training.Positives[index] + training.Negatives[index]) : new ClassPrediction(false, 0.33);
        }
    }

    /// <summary>Inverts the predictions of another learner.</summary>
    private sealed class InvertingLearner(ILearner learner) : ILearner
    {
        public string Name => "inverting";

        public IClassifier Fit(WeightedSamples training) => new InvertingClassifier(learner.Fit(training));

        private sealed class InvertingClassifier(IClassifier inner) : IClassifier
        {
            public ClassPrediction Predict(ReadOnlySpan<double> point)
            {
                var prediction = inner.Predict(point);
                return new ClassPrediction(!prediction.Survived, 1 - prediction.Probability);
            }
        }
    }
}
