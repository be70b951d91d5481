using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class HoldOutTests
{
    [Fact]
    public void Predicts_test_rows_from_training_rows_only()
    {
        var training = WeightedSamples.FromRows(["x"], [new([0], false, 2), new([10], true, 2)]);
        var testing = WeightedSamples.FromRows(["x"], [new([1], false, 3), new([1], true), new([9], true, 5)]);

        var metrics = HoldOut.Run(new KnnTrainer(new KnnOptions(1), "test/1"), training, testing);

        Assert.Equal(new ConfusionMatrix(3, 0, 1, 5), metrics.Confusion);
        Assert.Equal((3 * 0.25 * 0.25 + 0.75 * 0.75 + 5 * 0.25 * 0.25) / 9, metrics.Brier!.Value, 1e-15);
    }

    [Fact]
    public void Accuracy_of_an_80_20_split_of_the_historical_data_is_plausible()
    {
        // Every fifth row in file order is stratified, because the file is sorted by class.
        var parts = TitanicRows.All.Index().ToLookup(row => row.Index % 5 == 0, row => row.Item);
        var training = WeightedSamples.FromRows(TitanicRows.FeatureNames, parts[false]);
        var testing = WeightedSamples.FromRows(TitanicRows.FeatureNames, parts[true]);

        var accuracy = HoldOut.Run(new KnnTrainer(new KnnOptions(), "titanic_binned/1"), training, testing).Accuracy;

        Assert.Equal(262, accuracy.Trials);
        Assert.InRange(accuracy.Value!.Value, 0.76, 0.84);
    }
}
