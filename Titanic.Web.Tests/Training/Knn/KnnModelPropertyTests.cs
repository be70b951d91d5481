using FsCheck.Xunit;
using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

[Properties(Arbitrary = [typeof(KnnSample)], MaxTest = 300)]
public sealed class KnnModelPropertyTests
{
    [Property]
    public void Answers_as_the_definition_says(KnnSample sample) =>
        AssertSame(RowByRowKnn.Predict(sample), sample.Fit().Predict(sample.Query));

    [Property]
    public void Row_order_changes_neither_answer_nor_bytes(KnnSample sample, int seed)
    {
        var shuffled = sample.Rows.ToArray();
        new SeededRandom((ulong)seed).Shuffle(shuffled.AsSpan());

        Assert.Equal(sample.Fit().Predict(sample.Query), sample.Fit(shuffled).Predict(sample.Query));
        Assert.Equal(sample.Fit().Save(), sample.Fit(shuffled).Save());
    }

    [Property]
    public void All_rows_twice_with_k_doubled_doubles_the_votes(KnnSample sample)
    {
        var once = sample.Fit().Predict(sample.Query);
        var twice = (sample with { Options = sample.Options with { K = 2 * sample.Options.K } })
            .Fit([.. sample.Rows, .. sample.Rows]).Predict(sample.Query);

        Assert.Equal((once.Survived, 2 * once.Survivors, 2 * once.Neighbors), (twice.Survived, twice.Survivors, twice.Neighbors));
    }

    [Property]
    public void With_k_equal_to_all_rows_and_uniform_weights_the_query_does_not_matter(KnnSample sample)
    {
        var answer = (sample with { Options = new KnnOptions(sample.Rows.Length, sample.Options.Metric) }).Fit().Predict(sample.Query);

        Assert.Equal((sample.Rows.Count(row => row.Survived), sample.Rows.Length), (answer.Survivors, answer.Neighbors));
    }

    [Property]
    public void Scaling_and_shifting_a_feature_changes_nothing(KnnSample sample)
    {
        // Powers of two and whole numbers keep every difference exact, so that even ties stay ties.
        double[] Moved(double[] point) => [point[0] * 8 + 5, .. point[1..]];
        var moved = (sample with { Query = Moved(sample.Query) }).Fit(sample.Rows.Select(row => row with { Point = Moved(row.Point) }));

        Assert.Equal(sample.Fit().Predict(sample.Query), moved.Predict(Moved(sample.Query)));
    }

    [Property]
    public void Swapping_the_outcomes_swaps_the_votes(KnnSample sample)
    {
        var answer = sample.Fit().Predict(sample.Query);
        var swapped = sample.Fit(sample.Rows.Select(row => row with { Survived = !row.Survived })).Predict(sample.Query);

        Assert.Equal((answer.Neighbors, answer.Neighbors - answer.Survivors), (swapped.Neighbors, swapped.Survivors));
        Assert.Equal(1, answer.Probability + swapped.Probability, 1e-12);
        Assert.False(answer.Survived && swapped.Survived);
    }

    [Property]
    public void Leaving_a_row_out_is_a_fit_without_it(KnnSample sample)
    {
        if (sample.Options.K == sample.Rows.Length || sample.Rows.Count(row => row.Survived) == 1)
            return;
        var left = sample.Rows[1];

        var refitted = sample.Fit([sample.Rows[0], .. sample.Rows[2..]]);

        Assert.Equal(refitted.Predict(left.Point), sample.Fit().PredictLeavingOut(left.Point, left.Survived));
    }

    [Property]
    public void A_saved_model_comes_back_whole(KnnSample sample)
    {
        var model = sample.Fit();
        var loaded = KnnModel.Load(model.Save());

        Assert.Equal((model.EncoderId, model.Options), (loaded.EncoderId, loaded.Options));
        Assert.Equal(model.Training.FeatureNames, loaded.Training.FeatureNames);
        Assert.Equal(model.Predict(sample.Query), loaded.Predict(sample.Query));
        Assert.Equal(model.Save(), loaded.Save());
    }

    // The weighted share is summed in another order there, so it may differ in the last bits, and with it the side of an exact half.
    private static void AssertSame(ClassPrediction expected, ClassPrediction actual)
    {
        Assert.Equal((expected.Survivors, expected.Neighbors), (actual.Survivors, actual.Neighbors));
        Assert.Equal(expected.Probability, actual.Probability, 1e-12);
        if (Math.Abs(expected.Probability - 0.5) > 1e-12)
            Assert.Equal(expected.Survived, actual.Survived);
    }
}
