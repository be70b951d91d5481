using FsCheck.Xunit;
using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

[Properties(Arbitrary = [typeof(KnnSample)], MaxTest = 300)]
public sealed class KnnModelPropertyTests
{
    [Property]
    public void Predictions_match_the_reference_implementation(KnnSample sample) =>
        AssertSame(ReferenceKnn.Predict(sample), sample.Fit().Predict(sample.Query));

    [Property]
    public void Row_order_changes_neither_prediction_nor_bytes(KnnSample sample, int seed)
    {
        var shuffled = sample.Rows.ToArray();
        new SeededRandom((ulong)seed).Shuffle(shuffled.AsSpan());

        Assert.Equal(sample.Fit().Predict(sample.Query), sample.Fit(shuffled).Predict(sample.Query));
        Assert.Equal(sample.Fit().Save(), sample.Fit(shuffled).Save());
    }

    /// <summary>With weights by distance, the last digits of the probability depend on the order in which the features are summed.</summary>
    [Property]
    public void Feature_order_changes_neither_voters_nor_class(KnnSample sample, int seed)
    {
        var order = Enumerable.Range(0, sample.Query.Length).ToArray();
        new SeededRandom((ulong)seed).Shuffle(order.AsSpan());
        double[] Permute(double[] point) => [.. order.Select(feature => point[feature])];

        var prediction = sample.Fit().Predict(sample.Query);
        var permuted = (sample with { Query = Permute(sample.Query) }).Fit(sample.Rows.Select(row => row with { Point = Permute(row.Point) })).Predict(Permute(sample.Query));

        Assert.Equal(
            (prediction.Survived, prediction.Survivors, prediction.Neighbors), (permuted.Survived, permuted.Survivors, permuted.Neighbors));
        Assert.Equal(prediction.Probability, permuted.Probability, sample.Options.Weights == NeighborWeights.Uniform ? 0 : 1e-12);
    }

    [Property]
    public void Doubling_rows_and_k_doubles_the_votes(KnnSample sample)
    {
        var once = sample.Fit().Predict(sample.Query);
        var twice = (sample with { Options = sample.Options with { K = 2 * sample.Options.K } })
            .Fit([.. sample.Rows, .. sample.Rows]).Predict(sample.Query);

        Assert.Equal((once.Survived, 2 * once.Survivors, 2 * once.Neighbors), (twice.Survived, twice.Survivors, twice.Neighbors));
    }

    [Property]
    public void All_rows_vote_if_k_is_their_number(KnnSample sample)
    {
        var prediction = (sample with { Options = new KnnOptions(sample.Rows.Length, sample.Options.Metric) }).Fit().Predict(sample.Query);

        Assert.Equal((sample.Rows.Count(row => row.Survived), sample.Rows.Length), (prediction.Survivors, prediction.Neighbors));
    }

    [Property]
    public void Scaling_and_shifting_a_feature_changes_nothing(KnnSample sample)
    {
        // Powers of two and whole numbers keep every difference exact, so that ties remain ties.
        double[] Transform(double[] point) => [point[0] * 8 + 5, .. point[1..]];
        var transformed = (sample with { Query = Transform(sample.Query) }).Fit(sample.Rows.Select(row => row with { Point = Transform(row.Point) }));

        Assert.Equal(sample.Fit().Predict(sample.Query), transformed.Predict(Transform(sample.Query)));
    }

    [Property]
    public void Swapping_the_outcomes_swaps_the_votes(KnnSample sample)
    {
        var prediction = sample.Fit().Predict(sample.Query);
        var swapped = sample.Fit(sample.Rows.Select(row => row with { Survived = !row.Survived })).Predict(sample.Query);

        Assert.Equal((prediction.Neighbors, prediction.Neighbors - prediction.Survivors), (swapped.Neighbors, swapped.Survivors));
        Assert.Equal(1, prediction.Probability + swapped.Probability, 1e-12);
        Assert.False(prediction.Survived && swapped.Survived);
    }

    [Property]
    public void Leave_one_out_prediction_equals_a_fit_without_the_row(KnnSample sample)
    {
        if (sample.Options.K == sample.Rows.Length || sample.Rows.Count(row => row.Survived) == 1)
            return;
        var left = sample.Rows[1];

        var refitted = sample.Fit([sample.Rows[0], .. sample.Rows[2..]]);

        Assert.Equal(refitted.Predict(left.Point), sample.Fit().PredictLeaveOneOut(left.Point, left.Survived));
    }

    [Property]
    public void Saved_model_round_trips(KnnSample sample)
    {
        var model = sample.Fit();
        var loaded = KnnModel.Load(model.Save());

        Assert.Equal((model.EncoderId, model.Options), (loaded.EncoderId, loaded.Options));
        Assert.Equal(model.Training.FeatureNames, loaded.Training.FeatureNames);
        Assert.Equal(model.Predict(sample.Query), loaded.Predict(sample.Query));
        Assert.Equal(model.Save(), loaded.Save());
    }

    // The reference sums the weighted share in another order, so the last bits may differ, and with them the side of an exact half.
    private static void AssertSame(ClassPrediction expected, ClassPrediction actual)
    {
        Assert.Equal((expected.Survivors, expected.Neighbors), (actual.Survivors, actual.Neighbors));
        Assert.Equal(expected.Probability, actual.Probability, 1e-12);
        if (Math.Abs(expected.Probability - 0.5) > 1e-12)
            Assert.Equal(expected.Survived, actual.Survived);
    }
}
