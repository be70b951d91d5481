using FsCheck.Xunit;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class NeighborSearchTests
{
    [Property(Arbitrary = [typeof(ManyPoints)], MaxTest = 300)]
    public void Answers_to_the_bit_as_brute_force_does(ManyPoints sample)
    {
        var (model, queries) = sample.Make();

        foreach (var query in queries)
            Assert.Equal(PointByPointSearch.Answer(model, query), model.Predict(query));
    }

    [Property(Arbitrary = [typeof(ManyPoints)], MaxTest = 50)]
    public void A_far_point_changes_no_answer_on_the_same_scale(ManyPoints sample)
    {
        var (model, queries) = sample.Make();
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
    public void Thousands_of_points_that_tie_with_the_last_neighbour_all_vote(DistanceMetric metric)
    {
        // A cross in 8 dimensions: 16 arms of equally many points, so that whole shells stand at one distance; the third shell has the 40th row.
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

        var answer = model.Predict(new double[8]);

        Assert.Equal((48, 16), (answer.Neighbors, answer.Survivors));
        Assert.Equal((16, 0), OfFirstShell());

        static double[] Along(int feature, double step) => [.. Enumerable.Range(0, 8).Select(other => other == feature ? step : 0.0)];
        (int, int) OfFirstShell()
        {
            var first = new KnnTrainer(model.Options with { K = 1 }, "test/1").Fit(model.Training).Predict(new double[8]);
            return (first.Neighbors, first.Survivors);
        }
    }

    /// <summary>A search for one neighbor keeps 16 points; a hundred stand at the same distance.</summary>
    [Theory]
    [InlineData(DistanceMetric.Manhattan)]
    [InlineData(DistanceMetric.Euclidean)]
    public void All_points_that_tie_vote_although_the_search_keeps_fewer(DistanceMetric metric)
    {
        const int features = 50;
        var rows = Enumerable.Range(0, 2 * features).Select(point => new WeightedSample(
            [.. Enumerable.Range(0, features).Select(feature => feature == point / 2 ? (point % 2 * 2) - 1.0 : 0.0)], point % 2 == 0));
        var model = new KnnTrainer(new KnnOptions(1, metric), "test/1").Fit(WeightedSamples.FromRows([.. Enumerable.Range(0, features).Select(feature => $"f{feature}")], rows));

        var answer = model.Predict(new double[features]);

        Assert.Equal((100, 50), (answer.Neighbors, answer.Survivors));
    }

    [Fact]
    public async Task Answers_the_same_to_many_threads_at_once()
    {
        var (model, queries) = new ManyPoints(7, 3000, 4, ValueKind.Singles, 2, 3, new KnnOptions(15, DistanceMetric.Euclidean)).Make();
        var alone = queries.Select(query => model.Predict(query)).ToArray();

        var together = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => Enumerable.Range(0, 200).SelectMany(_ => queries.Select(query => model.Predict(query))).ToArray(), TestContext.Current.CancellationToken)));

        Assert.All(together, answers => Assert.Equal(Enumerable.Repeat(alone, 200).SelectMany(once => once), answers));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(100)]
    [InlineData(1000)]
    public void Allocates_nothing(int k)
    {
        var (model, queries) = new ManyPoints(7, 3000, 4, ValueKind.Hundredths, 2, 3, new KnnOptions(k)).Make();
        Ask(); // rents its room once

        var before = GC.GetAllocatedBytesForCurrentThread();
        Ask();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Ask()
        {
            for (var query = 0; query < queries.Length; query++)
                model.Predict(queries[query]);
        }
    }

    [Fact]
    public void A_batch_is_its_single_answers_in_order()
    {
        var (model, queries) = new ManyPoints(7, 500, 3, ValueKind.WholeNumbers, 9, 3, new KnnOptions(5)).Make();
        var answers = new ClassPrediction[queries.Length];

        model.Predict([.. queries.SelectMany(query => query)], answers);

        Assert.Equal(queries.Select(query => model.Predict(query)), answers);
        Assert.Contains("19", Assert.Throws<ArgumentException>(() => model.Predict(new double[60], answers.AsSpan(..19))).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<WeightedSample> RowsOf(WeightedSamples points, int point)
    {
        if (points.Negatives[point] > 0)
            yield return new(points.Point(point).ToArray(), false, points.Negatives[point]);
        if (points.Positives[point] > 0)
            yield return new(points.Point(point).ToArray(), true, points.Positives[point]);
    }
}
