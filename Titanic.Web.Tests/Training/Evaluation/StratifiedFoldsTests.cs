using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class StratifiedFoldsTests
{
    [Fact]
    public void Every_row_is_in_one_test_fold_and_in_all_other_training_sets()
    {
        var points = TitanicRows.Points;
        var folds = StratifiedFolds.Split(points, 5, new SeededRandom(3));

        for (var fold = 0; fold < 5; fold++)
            Assert.Equal(CountsByPoint(points), CountsByPoint(folds.Training(fold), folds.Testing(fold)));
        Assert.Equal(CountsByPoint(points), CountsByPoint([.. Enumerable.Range(0, 5).Select(folds.Testing)]));
    }

    [Fact]
    public void Every_fold_is_stratified_by_outcome()
    {
        var folds = StratifiedFolds.Split(TitanicRows.Points, 5, new SeededRandom(3));

        for (var fold = 0; fold < 5; fold++)
        {
            Assert.Equal(100, folds.Testing(fold).SurvivedRows);
            Assert.InRange(folds.Testing(fold).DiedRows, 161, 162);
        }
    }

    [Fact]
    public void Fold_sizes_differ_by_at_most_one_row()
    {
        var points = WeightedSamples.FromRows(["x"], [new([1], false, 8), new([2], true, 9)]);
        var folds = StratifiedFolds.Split(points, 5, new SeededRandom(3));

        Assert.Equal([3, 3, 3, 4, 4], Enumerable.Range(0, 5).Select(fold => folds.Testing(fold).Rows).Order());
    }

    [Fact]
    public void Equal_seeds_give_equal_folds_and_other_seeds_other_folds()
    {
        int[] Deal(ulong seed) => StratifiedFolds.Split(TitanicRows.Points, 5, new SeededRandom(seed)).Testing(0).Negatives.ToArray();

        Assert.Equal(Deal(3), Deal(3));
        Assert.NotEqual(Deal(3), Deal(4));
    }

    /// <summary>
    /// Six rows that died at three points, two in each of three folds; the expected distribution is that of all 720 permutations.
    /// </summary>
    [Fact]
    public void Splits_are_distributed_like_a_shuffle()
    {
        const int splits = 60_000;
        int[] rows = [0, 0, 0, 1, 1, 2];
        var expected = Permutations(rows).GroupBy(order => Table([.. order.Index().Select(row => (row.Index % 3, row.Item))]))
            .ToDictionary(group => group.Key, group => group.Count() / 720.0 * splits);
        var points = WeightedSamples.FromRows(["x"], [new([0], false, 3), new([1], false, 2), new([2], false, 1)]);
        var random = new SeededRandom(1912);
        var observed = Enumerable.Range(0, splits).Select(_ => StratifiedFolds.Split(points, 3, random)).Select(TableOf).CountBy(table => table).ToDictionary();

        var statistic = expected.Sum(cell => Math.Pow(observed.GetValueOrDefault(cell.Key) - cell.Value, 2) / cell.Value);
        Assert.Empty(observed.Keys.Except(expected.Keys));
        Assert.InRange(statistic, 0, expected.Count - 1 + 4 * Math.Sqrt(2.0 * (expected.Count - 1)));

        string TableOf(StratifiedFolds folds) => Table([.. Enumerable.Range(0, 3).SelectMany(fold => PointsIn(folds.Testing(fold)).Select(point => (fold, point)))]);
        static string Table((int Fold, int Point)[] rows) => string.Join(' ', rows.Order());
        static IEnumerable<int> PointsIn(WeightedSamples part) =>
            Enumerable.Range(0, part.Count).SelectMany(point => Enumerable.Repeat((int)part.Point(point)[0], part.Negatives[point]));
    }

    [Fact]
    public void Every_split_is_stratified_for_random_counts()
    {
        var random = new SeededRandom(44);
        for (var round = 0; round < 300; round++)
        {
            var folds = 2 + random.Next(9);
            var points = WeightedSamples.FromRows(["x"], Enumerable.Range(0, 40)
                .Select(_ => new WeightedSample([random.Next(20)], random.Next(3) == 0, 1 + random.Next(round % 3 == 0 ? 5_000 : 5))));
            var split = StratifiedFolds.Split(points, folds, random);
            var parts = Enumerable.Range(0, folds).Select(split.Testing).ToArray();

            Assert.All(parts, part => Assert.InRange(part.DiedRows, points.DiedRows / folds, (points.DiedRows + folds - 1) / folds));
            Assert.All(
                parts, part => Assert.InRange(part.SurvivedRows, points.SurvivedRows / folds, (points.SurvivedRows + folds - 1) / folds));
            Assert.InRange(parts.Max(part => part.Rows) - parts.Min(part => part.Rows), 0, 1);
            Assert.Equal(CountsByPoint(points), CountsByPoint(parts));
        }
    }

    /// <summary>Expected values from a second implementation in exact fractions (Python), with the same generator.</summary>
    [Fact]
    public void Folds_of_a_seed_equal_those_of_the_reference_implementation()
    {
        int[] died = [700, 41, 3, 260, 0, 17], survived = [120, 88, 9, 0, 5, 171];
        var points = WeightedSamples.FromRows(["x"], died.Index().Where(row => row.Item > 0).Select(row => new WeightedSample([row.Index], false, row.Item))
            .Concat(survived.Index().Where(row => row.Item > 0).Select(row => new WeightedSample([row.Index], true, row.Item))));

        var folds = StratifiedFolds.Split(points, 5, new SeededRandom(1912));

        Assert.Equal(["145 13 0 46 0 1", "133 8 0 58 0 5", "140 3 3 54 0 4", "135 8 0 55 0 6", "147 9 0 47 0 1"], Rows(survived: false));
        Assert.Equal(["25 18 1 0 2 32", "31 15 3 0 0 30", "20 18 2 0 3 36", "18 18 2 0 0 41", "26 19 1 0 0 32"], Rows(survived: true));

        IEnumerable<string> Rows(bool survived) => Enumerable.Range(0, 5).Select(folds.Testing).Select(part =>
            string.Join(' ', Enumerable.Range(0, 6).Select(x => part.IndexOf([x]) is >= 0 and var index ? part.RowsOf(index, survived) : 0)));
    }

    [Fact]
    public void SHA256_depends_only_on_the_fold_assignment()
    {
        var reversed = WeightedSamples.FromRows(TitanicRows.FeatureNames, TitanicRows.All.Reverse());
        var digest = StratifiedFolds.Split(TitanicRows.Points, 5, new SeededRandom(3)).ComputeSha256();

        Assert.Equal(digest, StratifiedFolds.Split(reversed, 5, new SeededRandom(3)).ComputeSha256());
        Assert.NotEqual(digest, StratifiedFolds.Split(TitanicRows.Points, 5, new SeededRandom(4)).ComputeSha256());
        Assert.NotEqual(digest, StratifiedFolds.Split(TitanicRows.Points, 6, new SeededRandom(3)).ComputeSha256());
    }

    private static IEnumerable<int[]> Permutations(int[] items) => items.Length == 0
        ? [[]]
        : items.Index().SelectMany(first => Permutations([.. items[..first.Index], .. items[(first.Index + 1)..]]).Select(rest => (int[])[first.Item, .. rest]));

    private static Dictionary<string, (int Died, int Survived)> CountsByPoint(params WeightedSamples[] parts)
    {
        var counts = new Dictionary<string, (int Died, int Survived)>();
        foreach (var part in parts)
        {
            for (var point = 0; point < part.Count; point++)
            {
                var key = string.Join(' ', part.Point(point).ToArray());
                var (died, survived) = counts.GetValueOrDefault(key);
                counts[key] = (died + part.Negatives[point], survived + part.Positives[point]);
            }
        }
        return counts;
    }
}
