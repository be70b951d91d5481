using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class StratifiedFoldsTests
{
    [Fact]
    public void Every_row_is_tested_once_and_trained_on_otherwise()
    {
        var points = TitanicRows.Points;
        var folds = StratifiedFolds.Deal(points, 5, new SeededRandom(3));

        for (var fold = 0; fold < 5; fold++)
            Assert.Equal(CountsByPoint(points), CountsByPoint(folds.Training(fold), folds.Testing(fold)));
        Assert.Equal(CountsByPoint(points), CountsByPoint([.. Enumerable.Range(0, 5).Select(folds.Testing)]));
    }

    [Fact]
    public void Every_fold_has_its_share_of_both_outcomes()
    {
        var folds = StratifiedFolds.Deal(TitanicRows.Points, 5, new SeededRandom(3));

        for (var fold = 0; fold < 5; fold++)
        {
            Assert.Equal(100, folds.Testing(fold).SurvivedRows);
            Assert.InRange(folds.Testing(fold).DiedRows, 161, 162);
        }
    }

    [Fact]
    public void Sizes_differ_by_one_row_at_most()
    {
        var points = LabelledPoints.FromRows(["x"], [new([1], false, 8), new([2], true, 9)]);
        var folds = StratifiedFolds.Deal(points, 5, new SeededRandom(3));

        Assert.Equal([3, 3, 3, 4, 4], Enumerable.Range(0, 5).Select(fold => folds.Testing(fold).Rows).Order());
    }

    [Fact]
    public void The_same_seed_deals_the_same_and_another_seed_another_deal()
    {
        int[] Deal(ulong seed) => StratifiedFolds.Deal(TitanicRows.Points, 5, new SeededRandom(seed)).Testing(0).Negatives.ToArray();

        Assert.Equal(Deal(3), Deal(3));
        Assert.NotEqual(Deal(3), Deal(4));
    }

    private static Dictionary<string, (int Died, int Survived)> CountsByPoint(params LabelledPoints[] parts)
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
