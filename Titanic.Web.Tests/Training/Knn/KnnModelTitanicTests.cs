using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>Golden numbers of the 1,309 historical passengers, computed with independent software.</summary>
public sealed class KnnModelTitanicTests
{
    private static readonly KnnModel Model = new KnnTrainer(new KnnOptions(), "titanic_binned/1").Fit(TitanicRows.Points);

    [Fact]
    public void Historical_data_has_1309_rows_500_survivors_and_130_points()
    {
        Assert.Equal((1309, 500), (TitanicRows.Points.Rows, TitanicRows.Points.SurvivedRows));
        Assert.Equal(130, TitanicRows.Points.Count);

        // The known 129 exclude passenger 1226, whose fare is missing and whose imputed point is unique.
        var withKnownFares = TitanicRows.All.Where((_, index) => index != 1226 - 1);
        Assert.Equal(129, WeightedSamples.FromRows(TitanicRows.FeatureNames, withKnownFares).Count);
    }

    [Fact]
    public void Means_and_standard_deviations_match_known_values()
    {
        double[] means = [2.294881588999236, 0.3559969442322384, 2.449197860962567, 1.4904507257448434];
        double[] deviations = [0.8375159287888329, 0.4788142854276048, 1.4796484566267258, 1.890252959832563];
        for (var feature = 0; feature < 4; feature++)
        {
            Assert.Equal(means[feature], Model.Means[feature], 1e-12);
            Assert.Equal(deviations[feature], Model.StandardDeviations[feature], 1e-12);
        }
    }

    [Fact]
    public void Of_396_inputs_176_survive_and_9_are_ties()
    {
        var predictions = TitanicRows.Inputs().Select(input => Model.Predict(input)).ToArray();

        Assert.Equal(396, predictions.Length);
        Assert.Equal(176, predictions.Count(prediction => prediction.Survived));
        Assert.Equal(9, predictions.Count(prediction => 2 * prediction.Survivors == prediction.Neighbors));
        Assert.All(
            predictions, prediction => Assert.Equal((prediction.Survivors + 1.0) / (prediction.Neighbors + 2), prediction.Probability));
        Assert.All(predictions, prediction => Assert.True(prediction.Neighbors >= 7));
    }

    [Fact]
    public void Leave_one_out_equals_refitting_on_the_historical_data()
    {
        for (var left = 0; left < TitanicRows.All.Length; left += 13)
        {
            var row = TitanicRows.All[left];
            var others = TitanicRows.All.Where((_, index) => index != left);
            var refitted = new KnnTrainer(Model.Options, Model.EncoderId).Fit(
                WeightedSamples.FromRows(TitanicRows.FeatureNames, others));

            Assert.Equal(refitted.Predict(row.Point), Model.PredictLeaveOneOut(row.Point, row.Survived));
        }
    }

    [Fact]
    public void Concurrent_predictions_are_equal()
    {
        var inputs = TitanicRows.Inputs().ToArray();
        var sequential = inputs.Select(input => Model.Predict(input)).ToArray();

        Parallel.For(0, 8 * inputs.Length, index =>
            Assert.Equal(sequential[index % inputs.Length], Model.Predict(inputs[index % inputs.Length])));
    }
}
