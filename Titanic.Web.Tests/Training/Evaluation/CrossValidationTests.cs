using System.Text.Json;
using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class CrossValidationTests
{
    private static readonly KnnTrainer Knn = new(new KnnOptions(), "titanic_binned/1");

    [Fact]
    public void Cross_validation_and_leave_one_out_stop_when_they_are_canceled()
    {
        static StepProgress Canceled() => new(new CancellationToken(canceled: true));
        Exception?[] failures =
        [
            Record.Exception(() => CrossValidation.Run(Knn, TitanicRows.Points, new CrossValidationOptions(), Canceled())),
            Record.Exception(() => LeaveOneOut.Score(Knn, TitanicRows.Points, Canceled())),
        ];

        Assert.All(failures, failure => Assert.True(
            failure is OperationCanceledException || (failure is AggregateException several && several.InnerExceptions.All(one => one is OperationCanceledException)), $"{failure}"));
    }

    [Fact]
    public void Metrics_on_the_historical_data_match_known_values()
    {
        var result = CrossValidation.Run(Knn, TitanicRows.Points, new CrossValidationOptions());

        TestContext.Current.TestOutputHelper?.WriteLine(JsonSerializer.Serialize(new
        {
            result.Accuracy,
            result.BalancedAccuracy,
            result.F1,
            result.RocAuc,
            result.LogLoss,
            result.Brier,
            result.CalibrationError,
            result.MeanConfusion,
        }));
        Assert.Equal((1309, 10), (result.Rows, result.Repeats.Count));
        Assert.Equal(0.802, result.Accuracy.Value!.Value, 0.003);
        Assert.InRange(result.Accuracy.Value!.Value, 0.79, 0.81);
        Assert.InRange(result.Accuracy.Spread!.Value, 0.001, 0.006);
        Assert.Equal(0.775, result.BalancedAccuracy.Value!.Value, 0.004);
        Assert.Equal(0.717, result.F1.Value!.Value, 0.006);
        Assert.Equal(0.849, result.RocAuc.Value!.Value, 0.003);
        Assert.Equal(0.450, result.LogLoss.Value!.Value, 0.004);
        Assert.InRange(result.AveragePrecision.Value!.Value, 0.76, 0.82); // scikit-learn's K-NN, which breaks ties by row order: 0.763
        Assert.Equal(0.143, result.Brier.Value!.Value, 0.002);
        Assert.Equal(0.038, result.CalibrationError.Value!.Value, 0.008); // binned per repeat: 0.040..0.049 by seed
        Assert.Equal(719, result.MeanConfusion[SurvivalLabel.Died, SurvivalLabel.Died], 6.0);
        Assert.Equal(90, result.MeanConfusion[SurvivalLabel.Died, SurvivalLabel.Survived], 6.0);
        Assert.Equal(170, result.MeanConfusion[SurvivalLabel.Survived, SurvivalLabel.Died], 6.0);
        Assert.Equal(330, result.MeanConfusion[SurvivalLabel.Survived, SurvivalLabel.Survived], 6.0);
    }

    [Fact]
    public void Row_order_has_no_effect_and_the_seed_changes_only_the_folds()
    {
        var reversed = WeightedSamples.FromRows(TitanicRows.FeatureNames, TitanicRows.All.Reverse());
        var options = new CrossValidationOptions(Repeats: 2);
        var repeats = CrossValidation.Run(Knn, TitanicRows.Points, options).Repeats;

        Assert.Equal(repeats, CrossValidation.Run(Knn, reversed, options).Repeats);
        Assert.NotEqual(repeats, CrossValidation.Run(Knn, TitanicRows.Points, options with { Seed = 2 }).Repeats);
        Assert.NotEqual(repeats[0], repeats[1]);
    }

    /// <summary>
    /// Folds are small and share training rows, so the interval is far wider than the standard deviation over the repeats.
    /// </summary>
    [Fact]
    public void Every_metric_has_the_corrected_resampled_t_interval()
    {
        var result = CrossValidation.Run(Knn, TitanicRows.Points, new CrossValidationOptions());

        Assert.Equal(50, result.Folds.Count);
        Assert.Equal(1309 * 10, result.Folds.Sum(fold => fold.Rows));
        var byFold = result.Folds.Select(fold => fold.Accuracy.Value!.Value).ToArray();
        var variance = byFold.Sum(value => Math.Pow(value - byFold.Average(), 2)) / 49;
        var halfWidth = 2.0095752371292397 * Math.Sqrt(variance * (1.0 / 50 + 1.0 / 4)); // t with 49 degrees of freedom
        Assert.Equal(result.Accuracy.Value!.Value - halfWidth, result.Accuracy.Low!.Value, 1e-12);
        Assert.Equal(result.Accuracy.Value!.Value + halfWidth, result.Accuracy.High!.Value, 1e-12);
        Assert.InRange(halfWidth, 0.015, 0.03);
        foreach (var metric in new[]
        {
            result.BalancedAccuracy, result.Precision, result.Recall, result.F1, result.RocAuc, result.AveragePrecision, result.LogLoss, result.Brier,
            result.CalibrationError,
        })
            Assert.InRange(metric.Value!.Value, metric.Low!.Value, metric.High!.Value);
    }

    [Fact]
    public void Baselines_have_their_known_accuracy()
    {
        var options = new CrossValidationOptions();
        var majority = CrossValidation.Run(new MajorityBaseline(), TitanicRows.Points, options);
        var female = CrossValidation.Run(new FemaleSurvivesBaseline(TitanicRows.SexFeature), TitanicRows.Points, options);

        Assert.Equal(809.0 / 1309, majority.Accuracy.Value!.Value, 1e-12);
        Assert.Null(majority.Precision.Value); // it never predicts a survivor
        Assert.Equal((682.0 + 339) / 1309, female.Accuracy.Value!.Value, 1e-12); // 682 men died, 339 women survived
        Assert.Equal(0.780, female.Accuracy.Value!.Value, 0.0005);
        Assert.Equal(0, female.Accuracy.Spread!.Value, 1e-12);
    }

    /// <summary>
    /// The accuracy of the majority class is equal in all stratified folds; the variance of the folds would give an interval of 0.1 points.
    /// </summary>
    [Fact]
    public void A_baseline_that_predicts_one_class_has_Wilson_intervals_or_none()
    {
        var majority = CrossValidation.Run(new MajorityBaseline(), TitanicRows.Points, new CrossValidationOptions());

        var accuracy = new Proportion(809, 1309).Confidence95!.Value;
        Assert.Equal((accuracy.Lower, accuracy.Upper), (majority.Accuracy.Low, majority.Accuracy.High));
        Assert.True(accuracy.Upper - accuracy.Lower > 0.05);
        var recall = new Proportion(0, 500).Confidence95!.Value;
        Assert.Equal((0.0, recall.Lower, recall.Upper), (majority.Recall.Value!.Value, majority.Recall.Low, majority.Recall.High));
        Assert.All(
            [majority.BalancedAccuracy, majority.Precision, majority.F1, majority.RocAuc, majority.AveragePrecision, majority.LogLoss, majority.Brier, majority.CalibrationError],
            metric => Assert.Equal((null, null), (metric.Low, metric.High)));
    }

    /// <summary>The variance of the folds contains the sampling error if the predictions depend on the features.</summary>
    [Fact]
    public void No_other_interval_of_the_accuracy_is_narrower_than_nine_tenths_of_the_Wilson_interval()
    {
        foreach (var learner in (ILearner[])[Knn, new FemaleSurvivesBaseline(TitanicRows.SexFeature)])
        {
            var accuracy = CrossValidation.Run(learner, TitanicRows.Points, new CrossValidationOptions()).Accuracy;
            var wilson = new Proportion((int)Math.Round(accuracy.Value!.Value * 1309), 1309).Confidence95!.Value;
            Assert.True(accuracy.High - accuracy.Low > 0.9 * (wilson.Upper - wilson.Lower), $"{learner.Name}: {accuracy}");
        }
    }

    [Fact]
    public void Mean_and_standard_deviation_are_computed_over_the_repeats()
    {
        CrossValidationResult Result(params ConfusionMatrix[] repeats)
        {
            Metrics[] metrics = [.. repeats.Select(matrix => new Metrics(matrix, null, null, null, null))];
            return new("by hand", 10, new CrossValidationOptions(), metrics, metrics, "");
        }

        var result = Result(new(4, 1, 1, 4), new(5, 0, 0, 5), new(3, 2, 1, 4));
        Assert.Equal((0.8 + 1.0 + 0.7) / 3, result.Accuracy.Value!.Value, 1e-15);
        Assert.Equal(Math.Sqrt((0.0333333333 * 0.0333333333 + 0.1666666667 * 0.1666666667 + 0.1333333333 * 0.1333333333) / 2),
            result.Accuracy.Spread!.Value, 1e-9);
        Assert.Equal(new ConfusionCounts(4, 1, 2.0 / 3, 13.0 / 3), result.MeanConfusion);
        Assert.Null(Result(new(10, 0, 0, 0), new(5, 0, 0, 5)).Precision.Value);
        Assert.Null(Result(new ConfusionMatrix(5, 0, 0, 5)).Accuracy.Spread);
    }

    [Fact]
    public void ROC_AUC_is_the_mean_over_the_folds()
    {
        // Two folds with a row of each outcome: the survivor is ranked first in both.
        var points = WeightedSamples.FromRows(["x"], [new([0], false, 2), new([1], true, 2)]);

        var result = CrossValidation.Run(new KnnTrainer(new KnnOptions(1), "test/1"), points, new CrossValidationOptions(Folds: 2));

        Assert.Equal(new MetricValue(1, 1, 1, 0), result.RocAuc);
    }

    [Fact]
    public void Rejects_folds_that_would_lack_an_outcome()
    {
        var points = WeightedSamples.FromRows(["x"], [new([0], false, 9), new([1], true, 3)]);

        Assert.Equal("Fold 1 of 4 has no row that survived; of all 12 rows 3 survived, and each fold requires one.",
            Assert.Throws<TrainingFailedException>(() => CrossValidation.Run(Knn, points, new CrossValidationOptions(Folds: 4))).Message);
    }

    /// <summary>Each person has two rows of one name with a random outcome. A model that was fitted on the other row predicts it correctly.</summary>
    [Fact]
    public void Never_predicts_a_row_with_a_model_fitted_on_its_group()
    {
        var random = new Random(1912);
        WeightedSample[] rows = [.. Enumerable.Range(0, 300).SelectMany(person =>
        {
            var survived = random.Next(2) == 1;
            return (WeightedSample[])[new([person], survived, Group: person), new([person + 0.25], survived, Group: person)];
        })];
        var learner = new KnnTrainer(new KnnOptions(1), "test/1");

        Assert.Equal(0, CrossValidation.Run(learner, WeightedSamples.FromRows(["x"], rows), new CrossValidationOptions()).Accuracy.Value!.Value - 0.5, 0.07);
        Assert.Equal(0, LeaveOneOut.Run(learner, WeightedSamples.FromRows(["x"], rows)).Accuracy.Value!.Value - 0.5, 0.07);
        WeightedSample[] strangers = [.. rows.Select(row => row with { Group = null })];
        Assert.True(LeaveOneOut.Run(learner, WeightedSamples.FromRows(["x"], strangers)).Accuracy.Value > 0.95);
        Assert.True(
            CrossValidation.Run(learner, WeightedSamples.FromRows(["x"], strangers), new CrossValidationOptions()).Accuracy.Value > 0.8);
    }

    [Fact]
    public void Rejects_more_folds_than_rows()
    {
        var points = WeightedSamples.FromRows(["x"], [new([1], true), new([2], false), new([3], false)]);

        Assert.Equal("The number of cross-validation folds is 4; it must be between 2 and the number of rows (3).",
            Assert.Throws<TrainingFailedException>(() => CrossValidation.Run(Knn, points, new CrossValidationOptions(Folds: 4))).Message);
    }
}
