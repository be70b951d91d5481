using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class KnnTrainerTests
{
    [Fact]
    public void Rejects_rows_of_one_outcome() =>
        Assert.Equal(
            "All training rows (3) died; there must be rows of both outcomes.", ErrorMessage([new([1], false, 3)], new KnnOptions(1)));

    [Fact]
    public void Rejects_an_empty_training_set() =>
        Assert.Equal(
            "There are 0 training rows; there must be rows that survived and rows that died.", ErrorMessage([], new KnnOptions(1)));

    [Fact]
    public void Rejects_more_neighbors_than_rows() =>
        Assert.Equal(
            "k is 7; it must be between 1 and the number of training rows (6).",
            ErrorMessage([new([1], false, 3), new([2], true, 3)], new KnnOptions()));

    [Fact]
    public void Rejects_an_empty_encoder_id() =>
        Assert.Equal(
            "The encoder id has 0 characters; it must have 1 to 200.",
            ErrorMessage([new([1], false), new([2], true)], new KnnOptions(1), ""));

    [Fact]
    public void Computes_means_and_population_standard_deviations()
    {
        // 1, 1, 4: mean 2, squared deviations 1 + 1 + 4, population variance 2. 0.5, 0.5, 2: half of it.
        var points = WeightedSamples.FromRows(["whole", "half"], [new([1, 0.5], false, 2), new([4, 2], true)]);

        var model = new KnnTrainer(new KnnOptions(1), "test/1").Fit(points);

        Assert.Equal([2, 1], model.Means.ToArray());
        Assert.Equal(Math.Sqrt(2), model.StandardDeviations[0], 1e-15);
        Assert.Equal(Math.Sqrt(0.5), model.StandardDeviations[1], 1e-15);
    }

    [Fact]
    public void Standard_deviation_is_accurate_far_from_zero()
    {
        var points = WeightedSamples.FromRows(["x"], [new([1e9 + 0.25], false), new([1e9 + 0.75], true)]);

        Assert.Equal(0.25, new KnnTrainer(new KnnOptions(1), "test/1").Fit(points).StandardDeviations[0]);
    }

    /// <summary>Squares of such differences underflow: the feature would be ignored like a constant.</summary>
    [Theory]
    [InlineData(1e-300, 2e-300)]
    [InlineData(0, double.Epsilon)]
    [InlineData(1e-51, -1e-51)]
    public void Rejects_a_feature_whose_deviation_would_underflow(double first, double second) =>
        Assert.Equal(
            "The values of 'x' differ, but their standard deviation is below 1E-50. Multiply them by a factor, or remove the feature.",
            ErrorMessage([new([first], false), new([second], true)], new KnnOptions(1)));

    [Theory]
    [InlineData(DistanceMetric.Manhattan)]
    [InlineData(DistanceMetric.Euclidean)]
    public void Distances_are_finite_and_positive_for_the_smallest_deviation_and_the_largest_values(DistanceMetric metric)
    {
        var model = new KnnTrainer(new KnnOptions(1, metric, NeighborWeights.Distance), "test/1")
            .Fit(WeightedSamples.FromRows(["tiny", "constant"], [new([1e-50, 1e-300], false), new([4e-50, 1e-300], true)]));

        Assert.Equal([1e-300, 0], [model.Means[1], model.StandardDeviations[1]]);
        Assert.Equal((false, 1), Vote([2.4e-50, 7]));
        Assert.Equal((true, 1), Vote([2.6e-50, 7]));
        Assert.Equal((false, 2), Vote([1e100, 7])); // both rows are equally far, within the precision of the numbers

        (bool, int) Vote(double[] point) => (model.Predict(point).Survived, model.Predict(point).Neighbors);
    }

    private static string ErrorMessage(WeightedSample[] rows, KnnOptions options, string encoderId = "test/1") =>
        Assert.Throws<TrainingFailedException>(() =>
            new KnnTrainer(options, encoderId).Fit(WeightedSamples.FromRows(["x"], rows))).Message;
}
