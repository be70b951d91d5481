using FsCheck.Xunit;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class NeighborSearchTests
{
    [Property(Arbitrary = [typeof(LargeKnnSample)], MaxTest = 300)]
    public void Predictions_equal_brute_force_to_the_bit(LargeKnnSample sample)
    {
        var (model, queries) = sample.Fit();

        foreach (var query in queries)
            Assert.Equal(BruteForceSearch.Predict(model, query), model.Predict(query));
    }

    [Property(Arbitrary = [typeof(LargeKnnSample)], MaxTest = 50)]
    public void A_distant_point_changes_no_prediction_on_the_same_scale(LargeKnnSample sample)
    {
        var (model, queries) = sample.Fit();
        var inverse = model.StandardDeviations.ToArray().Select(deviation => deviation > 0 ? 1 / deviation : 0).ToArray();
        var far = Enumerable.Repeat(1e6, sample.Dimensions).ToArray();
        var rows = Enumerable.Range(0, model.Training.Count).SelectMany(point => RowsOf(model.Training, point)).Append(new WeightedSample(far, true));

        var without = new NeighborSearch(model.Training, inverse, model.Options);
        var with = new NeighborSearch(WeightedSamples.FromRows(model.Training.FeatureNames, rows), inverse, model.Options);

        if (inverse.All(scale => scale > 0))
            Assert.All(queries, query => Assert.Equal(without.Vote(query), with.Vote(query)));
    }

    [Theory]
    [InlineData(DistanceMetric.Manhattan)]
    [InlineData(DistanceMetric.Euclidean)]
    public void All_points_that_tie_with_the_kth_neighbor_vote(DistanceMetric metric)
    {
        // A cross in 8 dimensions with 16 arms of equally many points, so that whole shells tie; the third shell contains the 40th row.
        var rows = new List<WeightedSample>();
        for (var feature = 0; feature < 8; feature++)
        {
            for (var step = 1; step <= 50; step++)
            {
                rows.Add(new(Along(feature, step), step % 2 == 0));
                rows.Add(new(Along(feature, -step), step % 2 == 0));
            }
        }
        var model = new KnnTrainer(new KnnOptions(40, metric), "test/1").Fit(WeightedSamples.FromRows([.. Enumerable.Range(0, 8).Select(feature => $"f{feature}")], rows));

        var prediction = model.Predict(new double[8]);

        Assert.Equal((48, 16), (prediction.Neighbors, prediction.Survivors));
        Assert.Equal((16, 0), OfFirstShell());

        static double[] Along(int feature, double step) => [.. Enumerable.Range(0, 8).Select(other => other == feature ? step : 0.0)];
        (int, int) OfFirstShell()
        {
            var first = new KnnTrainer(model.Options with { K = 1 }, "test/1").Fit(model.Training).Predict(new double[8]);
            return (first.Neighbors, first.Survivors);
        }
    }

    /// <summary>The search keeps 16 points for k = 1; 100 points tie.</summary>
    [Theory]
    [InlineData(DistanceMetric.Manhattan)]
    [InlineData(DistanceMetric.Euclidean)]
    public void All_tied_points_vote_beyond_the_search_capacity(DistanceMetric metric)
    {
        const int features = 50;
        var rows = Enumerable.Range(0, 2 * features).Select(point => new WeightedSample(
            [.. Enumerable.Range(0, features).Select(feature => feature == point / 2 ? (point % 2 * 2) - 1.0 : 0.0)], point % 2 == 0));
        var model = new KnnTrainer(new KnnOptions(1, metric), "test/1").Fit(WeightedSamples.FromRows([.. Enumerable.Range(0, features).Select(feature => $"f{feature}")], rows));

        var prediction = model.Predict(new double[features]);

        Assert.Equal((100, 50), (prediction.Neighbors, prediction.Survivors));
    }

    [Fact]
    public async Task Concurrent_searches_give_equal_predictions()
    {
        var (model, queries) = new LargeKnnSample(7, 3000, 4, ValueKind.Singles, 2, 3, new KnnOptions(15, DistanceMetric.Euclidean)).Fit();
        var sequential = queries.Select(query => model.Predict(query)).ToArray();

        var concurrent = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => Enumerable.Range(0, 200).SelectMany(_ => queries.Select(query => model.Predict(query))).ToArray(), TestContext.Current.CancellationToken)));

        Assert.All(concurrent, predictions => Assert.Equal(Enumerable.Repeat(sequential, 200).SelectMany(once => once), predictions));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(100)]
    [InlineData(1000)]
    public void Allocates_nothing(int k)
    {
        var (model, queries) = new LargeKnnSample(7, 3000, 4, ValueKind.Hundredths, 2, 3, new KnnOptions(k)).Fit();
        PredictAll(); // the first call rents pooled buffers

        var before = GC.GetAllocatedBytesForCurrentThread();
        PredictAll();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void PredictAll()
        {
            for (var query = 0; query < queries.Length; query++)
                model.Predict(queries[query]);
        }
    }

    [Fact]
    public void Batch_predictions_equal_single_predictions()
    {
        var (model, queries) = new LargeKnnSample(7, 500, 3, ValueKind.WholeNumbers, 9, 3, new KnnOptions(5)).Fit();
        var predictions = new ClassPrediction[queries.Length];

        model.Predict([.. queries.SelectMany(query => query)], predictions);

        Assert.Equal(queries.Select(query => model.Predict(query)), predictions);
        Assert.Contains("19", Assert.Throws<ArgumentException>(() => model.Predict(new double[60], predictions.AsSpan(..19))).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<WeightedSample> RowsOf(WeightedSamples points, int point)
    {
        if (points.Negatives[point] > 0)
            yield return new(points.Point(point).ToArray(), false, points.Negatives[point]);
        if (points.Positives[point] > 0)
            yield return new(points.Point(point).ToArray(), true, points.Positives[point]);
    }
}
