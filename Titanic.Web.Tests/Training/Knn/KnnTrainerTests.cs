using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class KnnTrainerTests
{
    [Fact]
    public void One_class_only_is_refused() =>
        Assert.Equal("All 3 training rows died; there must be rows of both outcomes.", Refusal([new([1], false, 3)], new KnnOptions(1)));

    [Fact]
    public void No_rows_are_refused() =>
        Assert.Equal("There are 0 training rows; there must be rows that survived and rows that died.", Refusal([], new KnnOptions(1)));

    [Fact]
    public void More_neighbours_than_rows_are_refused() =>
        Assert.Equal(
            "k is 7; it must be between 1 and the number of training rows (6).",
            Refusal([new([1], false, 3), new([2], true, 3)], new KnnOptions()));

    [Fact]
    public void A_model_without_an_encoder_is_refused() =>
        Assert.Equal(
            "The encoder id has 0 characters; it must have 1..200.",
            Refusal([new([1], false), new([2], true)], new KnnOptions(1), ""));

    [Fact]
    public void Means_and_deviations_are_those_of_the_rows()
    {
        // 1, 1, 4: mean 2, squared deviations 1 + 1 + 4, population variance 2. 0.5, 0.5, 2: half of it.
        var points = WeightedSamples.FromRows(["whole", "half"], [new([1, 0.5], false, 2), new([4, 2], true)]);

        var model = new KnnTrainer(new KnnOptions(1), "test/1").Fit(points);

        Assert.Equal([2, 1], model.Means.ToArray());
        Assert.Equal(Math.Sqrt(2), model.StandardDeviations[0], 1e-15);
        Assert.Equal(Math.Sqrt(0.5), model.StandardDeviations[1], 1e-15);
    }

    [Fact]
    public void Values_far_from_zero_keep_their_deviation()
    {
        var points = WeightedSamples.FromRows(["x"], [new([1e9 + 0.25], false), new([1e9 + 0.75], true)]);

        Assert.Equal(0.25, new KnnTrainer(new KnnOptions(1), "test/1").Fit(points).StandardDeviations[0]);
    }

    private static string Refusal(WeightedSample[] rows, KnnOptions options, string encoderId = "test/1") =>
        Assert.Throws<TrainingRefusedException>(() =>
            new KnnTrainer(options, encoderId).Fit(WeightedSamples.FromRows(["x"], rows))).Message;
}
