using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>Small cases computed by hand.</summary>
public sealed class KnnModelTests
{
    [Fact]
    public void All_rows_at_the_kth_distance_vote()
    {
        // Distances from 0: 1 (two rows), 2 (three rows), 5. The third nearest row is at distance 2, so five rows vote, three of them
        // survived.
        var model = Fit(new KnnOptions(3), (1, false), (1, true), (2, true), (2, true), (-2, false), (5, false));

        Assert.Equal(new ClassPrediction(true, 4.0 / 7, 3, 5), model.Predict([0]));
    }

    [Fact]
    public void A_tied_vote_is_not_survived()
    {
        var model = Fit(new KnnOptions(2), (1, false), (-1, true), (9, true));

        Assert.Equal(new ClassPrediction(false, 0.5, 1, 2), model.Predict([0]));
    }

    [Fact]
    public void All_rows_vote_with_k_equal_to_the_number_of_rows()
    {
        var model = Fit(new KnnOptions(4), (1, true), (2, true), (3, true), (9, false));

        Assert.Equal(new ClassPrediction(true, 4.0 / 6, 3, 4), model.Predict([100]));
    }

    [Fact]
    public void Feature_scale_has_no_effect_on_the_neighbors()
    {
        // Standardized, the points are corners of a square: from (0, 0), one step along either feature has the same distance.
        var rows = new[] { (0.0, 0.0, false), (1, 0, true), (0, 1000, true), (1, 1000, false) };
        var points = WeightedSamples.FromRows(["small", "large"], rows.Select(row => new WeightedSample([row.Item1, row.Item2], row.Item3)));

        Assert.Equal(new ClassPrediction(true, 3.0 / 5, 2, 3), new KnnTrainer(new KnnOptions(2), "test/1").Fit(points).Predict([0, 0]));
    }

    [Fact]
    public void Distance_weights_favor_nearer_rows()
    {
        // From 0: one row that survived at 1 (weight 1), two that died at 3 and 4 (weights 1/3 and 1/4). Share 12/19 of 3 rows.
        var model = Fit(new KnnOptions(3, Weights: NeighborWeights.Distance), (1, true), (3, false), (4, false));

        var prediction = model.Predict([0]);

        Assert.Equal((true, 1, 3), (prediction.Survived, prediction.Survivors, prediction.Neighbors));
        Assert.Equal((12.0 / 19 * 3 + 1) / 5, prediction.Probability, 1e-15);
    }

    [Fact]
    public void A_tied_vote_with_distance_weights_is_not_survived()
    {
        // Two rows of weight 1 and two of weight 1/2, one of each outcome.
        var model = Fit(new KnnOptions(4, Weights: NeighborWeights.Distance), (1, true), (-1, false), (2, false), (-2, true));

        Assert.Equal(new ClassPrediction(false, 0.5, 2, 4), model.Predict([0]));
    }

    [Fact]
    public void With_distance_weights_only_rows_at_distance_0_vote()
    {
        var model = Fit(new KnnOptions(3, Weights: NeighborWeights.Distance), (0, true), (0.001, false), (0.002, false));

        Assert.Equal(new ClassPrediction(true, 2.0 / 3, 1, 1), model.Predict([0]));
    }

    [Theory]
    [InlineData(DistanceMetric.Manhattan, false)]
    [InlineData(DistanceMetric.Euclidean, true)]
    public void Metric_determines_the_nearest_rows(DistanceMetric metric, bool survived)
    {
        // Both features have the same deviation. From the center the corners are 6 away by Manhattan and 4.2 by Euclidean distance, the
        // others 5.
        WeightedSample[] rows =
        [
            new([3, 3], true), new([3, -3], true), new([-3, 3], true), new([-3, -3], true),
            new([5, 0], false), new([-5, 0], false), new([0, 5], false), new([0, -5], false),
        ];
        var model = new KnnTrainer(new KnnOptions(1, metric), "test/1").Fit(WeightedSamples.FromRows(["x", "y"], rows));

        Assert.Equal(new ClassPrediction(survived, survived ? 5.0 / 6 : 1.0 / 6, survived ? 4 : 0, 4), model.Predict([0, 0]));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(7)]
    public void Constant_feature_is_ignored(double constant)
    {
        WeightedSample[] rows = [.. Enumerable.Range(0, 10).Select(x => new WeightedSample([x, constant], x >= 5))];
        var model = new KnnTrainer(new KnnOptions(1), "test/1").Fit(WeightedSamples.FromRows(["x", "constant"], rows));

        Assert.Equal(0, model.StandardDeviations[1]);
        Assert.Equal(constant, model.Means[1]);
        Assert.Equal(new ClassPrediction(true, 2.0 / 3, 1, 1), model.Predict([9, constant + 1000]));
    }

    [Fact]
    public void All_rows_vote_if_all_features_are_constant()
    {
        var points = WeightedSamples.FromRows(["x"], [new([3], true, 2), new([3], false)]);

        Assert.Equal(new ClassPrediction(true, 3.0 / 5, 2, 3), new KnnTrainer(new KnnOptions(1), "test/1").Fit(points).Predict([8]));
    }

    [Fact]
    public void Extreme_values_give_valid_probabilities()
    {
        var options = new KnnOptions(2, DistanceMetric.Euclidean, NeighborWeights.Distance);
        var model = Fit(options, (-1e100, false), (1e-300, true), (1e100, true));

        Assert.InRange(model.Predict([1e100]).Probability, 0, 1);
        Assert.InRange(model.Predict([0]).Probability, 0, 1);
    }

    [Fact]
    public void Rejects_an_invalid_point()
    {
        var model = Fit(new KnnOptions(1), (1, false), (2, true));

        Assert.StartsWith("The number of values is 2; it must be 1, one per feature (x).",
            Assert.Throws<ArgumentException>(() => model.Predict([1, 2])).Message, StringComparison.Ordinal);
        Assert.StartsWith("The feature \"x\" is NaN; it must be a number within ±1E+100.",
            Assert.Throws<ArgumentException>(() => model.Predict([double.NaN])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => model.PredictLeaveOneOut([3], survived: true));
        Assert.Throws<ArgumentException>(() => model.PredictLeaveOneOut([1], survived: true));
    }

    private static KnnModel Fit(KnnOptions options, params (double X, bool Survived)[] rows) =>
        new KnnTrainer(options, "test/1").Fit(
            WeightedSamples.FromRows(["x"], rows.Select(row => new WeightedSample([row.X], row.Survived))));
}
