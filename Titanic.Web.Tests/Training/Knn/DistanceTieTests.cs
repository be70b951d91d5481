using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Explanations;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>Equal distances tie, whatever the order of features and rows; compared with exact arithmetic.</summary>
public sealed class DistanceTieTests
{
    private static readonly int _seeds = Repetitions.Of(developer: 1, continuousIntegration: 2);
    private static readonly int[] _ks = [1, 3, 7, 15, 30];

    public static TheoryData<int> FeatureCounts => [.. Enumerable.Range(1, 16)];

    /// <summary>
    /// 2² + 7² and 7² + 2² have different sums by fused multiply-adds; which one is smaller depends on the deviation, and so on the other
    /// rows.
    /// </summary>
    [Theory]
    [InlineData(39, false)]
    [InlineData(39, true)]
    [InlineData(40, false)]
    [InlineData(40, true)]
    public void Two_rows_at_mirrored_points_vote_in_any_order_of_the_features(double far, bool areSwapped)
    {
        WeightedSample[] rows = [new([2, 7], true), new([7, 2], false), new([far, far], true), new([far + 1, far + 1], false)];
        var model = Fit(new KnnOptions(1, DistanceMetric.Euclidean), rows.Select(row => row with { Point = areSwapped ? [row.Point[1], row.Point[0]] : row.Point }));

        Assert.Equal(new ClassPrediction(false, 0.5, 1, 2), model.Predict([0, 0]));
    }

    [Fact]
    public void Sums_of_the_same_tenths_in_another_order_tie()
    {
        double[][] points = [[0.1, 0.2, 0.3], [0.1, 0.3, 0.2], [0.2, 0.1, 0.3], [0.2, 0.3, 0.1], [0.3, 0.1, 0.2], [0.3, 0.2, 0.1]];
        var model = Fit(new KnnOptions(1), [.. points.Select((point, row) => new WeightedSample(point, row < 3)), new([5, 5, 5], false)]);

        Assert.Equal(new ClassPrediction(false, 0.5, 3, 6), model.Predict([0, 0, 0]));
    }

    [Fact]
    public void Equal_differences_of_other_values_tie()
    {
        var model = Fit(new KnnOptions(1), [new([0.1], true), new([0.3], false), new([0.9], true)]);

        Assert.Equal(new ClassPrediction(false, 0.5, 1, 2), model.Predict([0.2])); // 0.3 - 0.2 < 0.2 - 0.1 in double precision
    }

    [Theory]
    [InlineData(NeighborWeights.Uniform)]
    [InlineData(NeighborWeights.Distance)]
    public void Different_distances_do_not_tie(NeighborWeights weights)
    {
        var model = Fit(new KnnOptions(1, Weights: weights), [new([1], true), new([1 + 1e-8], false), new([9], false)]);

        Assert.Equal((true, 1), (model.Predict([0]).Survived, model.Predict([0]).Neighbors));
    }

    [Fact]
    public void Equal_weighted_votes_tie_if_their_sums_differ_by_rounding()
    {
        // From 0.5: weights 10 of one row that died at 0.1; 10/3 of three that survived at 0.3.
        WeightedSample[] rows = [new([0.6], false), new([0.2], true), new([0.8], true, 2)];

        Assert.Equal(new ClassPrediction(false, 0.5, 3, 4), Fit(new KnnOptions(4, Weights: NeighborWeights.Distance), rows).Predict([0.5]));
        Assert.Equal(
            new ClassPrediction(false, 0.5, 1, 4),
            Fit(new KnnOptions(4, Weights: NeighborWeights.Distance), rows.Select(row => row with { Survived = !row.Survived })).Predict([0.5]));
    }

    [Theory]
    [MemberData(nameof(FeatureCounts))]
    public void Permutations_of_features_and_rows_change_neither_voters_nor_prediction(int features)
    {
        var random = new SeededRandom((ulong)features);
        foreach (var (rows, options) in Cases(features))
        {
            var expected = rows.Expected(options);
            var original = Predict(rows, options);
            AssertSame(expected, original, options);
            Assert.Equal(original, Predict(rows.Permute(random, features: false), options));
            for (var permutation = 0; permutation < 3; permutation++)
            {
                var permuted = Predict(rows.Permute(random, features: true), options);
                AssertSame(expected, permuted, options);
                if (options.Weights == NeighborWeights.Uniform)
                    Assert.Equal(original, permuted);
            }
        }
    }

    [Theory]
    [MemberData(nameof(FeatureCounts))]
    public void Explanations_have_the_same_voters(int features)
    {
        foreach (var (rows, options) in Cases(features))
        {
            var model = rows.Fit(options);
            var voters = VotingNeighbors.Of(new DistanceGroups(model, rows.QueryValues), options);
            Assert.Equal((rows.Expected(options).Survivors, rows.Expected(options).Neighbors), (voters.Sum(input => input.Survived), voters.Sum(input => input.Rows)));
        }
    }

    /// <summary>The cases are not trivial: without a tolerance, many have other voters.</summary>
    [Theory]
    [InlineData(DistanceMetric.Manhattan)]
    [InlineData(DistanceMetric.Euclidean)]
    public void Without_a_tolerance_ties_are_missed(DistanceMetric metric)
    {
        foreach (var grid in Enum.GetValues<Grid>())
        {
            var (cases, missed, now) = (0, 0, 0);
            foreach (var (rows, options) in Enumerable.Range(2, 15).SelectMany(Cases).Where(item => item.Rows.Grid == grid && item.Options.Metric == metric && item.Options.Weights == NeighborWeights.Uniform))
            {
                var model = rows.Fit(options);
                var expected = rows.Expected(options);
                var exact = BruteForceSearch.Groups(model.Training, model.StandardDeviations, options, rows.QueryValues, tolerance: 0).Aggregate(default(RowCounts), (sum, group) => sum + group.Counts);
                cases++;
                missed += (exact.Positives, exact.Rows) == (expected.Survivors, expected.Neighbors) ? 0 : 1;
                now += model.Predict(rows.QueryValues) == expected ? 0 : 1;
            }
            TestContext.Current.TestOutputHelper?.WriteLine($"{metric}, {grid}: {cases} cases, {missed} wrong without a tolerance, {now} wrong now");
            Assert.True(missed > 0, $"{metric}, {grid}: no case of {cases} needs the tolerance.");
            Assert.Equal(0, now);
        }
    }

    private static IEnumerable<(TiedRows Rows, KnnOptions Options)> Cases(int features) =>
        from grid in Enum.GetValues<Grid>()
        from seed in Enumerable.Range(1, _seeds)
        let rows = TiedRows.Generate(features, grid, seed)
        from metric in Enum.GetValues<DistanceMetric>()
        from weights in Enum.GetValues<NeighborWeights>()
        from k in _ks
        select (rows, new KnnOptions(k, metric, weights));

    private static ClassPrediction Predict(TiedRows rows, KnnOptions options) => rows.Fit(options).Predict(rows.QueryValues);

    /// <summary>Voting rows and class are equal; only the weights by distance are rounded, so that their probability may differ in the last digits.</summary>
    private static void AssertSame(ClassPrediction expected, ClassPrediction actual, KnnOptions options)
    {
        Assert.Equal((expected.Survived, expected.Survivors, expected.Neighbors), (actual.Survived, actual.Survivors, actual.Neighbors));
        Assert.Equal(expected.Probability, actual.Probability, options.Weights == NeighborWeights.Uniform ? 0 : 1e-11);
    }

    private static KnnModel Fit(KnnOptions options, IEnumerable<WeightedSample> rows)
    {
        var all = rows.ToArray();
        return new KnnTrainer(options, "test/1").Fit(WeightedSamples.FromRows([.. all[0].Point.Select((_, feature) => $"f{feature}")], all));
    }
}
