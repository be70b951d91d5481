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
    public void On_the_historical_list_the_figures_are_the_known_ones()
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
        Assert.InRange(result.AveragePrecision.Value!.Value, 0.76, 0.82); // scikit-learn's K-NN, which cuts ties by row order: 0.763
        Assert.Equal(0.143, result.Brier.Value!.Value, 0.002);
        Assert.Equal(0.038, result.CalibrationError.Value!.Value, 0.008); // binned per repeat: 0.040..0.049 by seed
        Assert.Equal(719, result.MeanConfusion[SurvivalLabel.Died, SurvivalLabel.Died], 6.0);
        Assert.Equal(90, result.MeanConfusion[SurvivalLabel.Died, SurvivalLabel.Survived], 6.0);
        Assert.Equal(170, result.MeanConfusion[SurvivalLabel.Survived, SurvivalLabel.Died], 6.0);
        Assert.Equal(330, result.MeanConfusion[SurvivalLabel.Survived, SurvivalLabel.Survived], 6.0);
    }

    [Fact]
    public void Row_order_changes_nothing_and_the_seed_only_the_deal()
    {
        var reversed = WeightedSamples.FromRows(TitanicRows.FeatureNames, TitanicRows.All.Reverse());
        var options = new CrossValidationOptions(Repeats: 2);
        var repeats = CrossValidation.Run(Knn, TitanicRows.Points, options).Repeats;

        Assert.Equal(repeats, CrossValidation.Run(Knn, reversed, options).Repeats);
        Assert.NotEqual(repeats, CrossValidation.Run(Knn, TitanicRows.Points, options with { Seed = 2 }).Repeats);
        Assert.NotEqual(repeats[0], repeats[1]);
    }

    /// <summary>A fold of the answers is worth little by itself, and folds share training rows: the interval is far wider than ± says.</summary>
    [Fact]
    public void Every_figure_has_an_interval_from_its_folds()
    {
        var result = CrossValidation.Run(Knn, TitanicRows.Points, new CrossValidationOptions());

        Assert.Equal(50, result.Folds.Count);
        Assert.Equal(1309 * 10, result.Folds.Sum(fold => fold.Rows));
        var byFold = result.Folds.Select(fold => fold.Accuracy.Value!.Value).ToArray();
        var variance = byFold.Sum(value => Math.Pow(value - byFold.Average(), 2)) / 49;
        var half = 2.0095752371292397 * Math.Sqrt(variance * (1.0 / 50 + 1.0 / 4)); // t with 49 degrees of freedom
        Assert.Equal(result.Accuracy.Value!.Value - half, result.Accuracy.Low!.Value, 1e-12);
        Assert.Equal(result.Accuracy.Value!.Value + half, result.Accuracy.High!.Value, 1e-12);
        Assert.InRange(half, 0.015, 0.03);
        foreach (var figure in new[]
        {
            result.BalancedAccuracy, result.Precision, result.Recall, result.F1, result.RocAuc, result.AveragePrecision, result.LogLoss, result.Brier,
            result.CalibrationError,
        })
            Assert.InRange(figure.Value!.Value, figure.Low!.Value, figure.High!.Value);
    }

    [Fact]
    public void The_baselines_have_their_known_accuracy()
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

    [Fact]
    public void Mean_and_deviation_are_taken_over_the_repeats()
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
    public void The_area_under_the_curve_is_the_mean_of_the_folds()
    {
        // Two folds with a row of each outcome: the survivor is ranked first in both. Four folds of one row have no area.
        var points = WeightedSamples.FromRows(["x"], [new([0], false, 2), new([1], true, 2)]);

        var result = CrossValidation.Run(new KnnTrainer(new KnnOptions(1), "test/1"), points, new CrossValidationOptions(Folds: 2));

        Assert.Equal(new MetricValue(1, 1, 1, 0), result.RocAuc);
        Assert.Null(CrossValidation.Run(new MajorityBaseline(), points, new CrossValidationOptions(Folds: 4)).RocAuc.Value);
    }

    [Fact]
    public void Too_many_folds_are_refused()
    {
        var points = WeightedSamples.FromRows(["x"], [new([1], true), new([2], false), new([3], false)]);

        Assert.Equal("Cross-validation has 4 folds; it must be between 2 and the number of rows (3).",
            Assert.Throws<TrainingRefusedException>(() => CrossValidation.Run(Knn, points, new CrossValidationOptions(Folds: 4))).Message);
    }
}
