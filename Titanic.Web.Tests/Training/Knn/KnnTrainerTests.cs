using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class KnnTrainerTests
{
    [Fact]
    public void Rejects_rows_of_one_outcome() =>
        Assert.Equal("All training rows (3) died; there must be rows of both outcomes.", ErrorMessage([new([1], false, 3)], new KnnOptions(1)));

    [Fact]
    public void Rejects_an_empty_training_set() =>
        Assert.Equal("There are 0 training rows; there must be rows that survived and rows that died.", ErrorMessage([], new KnnOptions(1)));

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

    private static string ErrorMessage(WeightedSample[] rows, KnnOptions options, string encoderId = "test/1") =>
        Assert.Throws<TrainingFailedException>(() =>
            new KnnTrainer(options, encoderId).Fit(WeightedSamples.FromRows(["x"], rows))).Message;
}
