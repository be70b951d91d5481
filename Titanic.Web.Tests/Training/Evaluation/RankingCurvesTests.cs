using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class RankingCurvesTests
{
    private static readonly ScoredRow[] Rows =
        [new(0.9, true, true, 2), new(0.7, true, false), new(0.7, true, true), new(0.4, false, false, 2), new(0.2, false, true), new(0.1, false, false)];

    [Fact]
    public void Every_distinct_probability_is_a_threshold()
    {
        var curves = RankingCurves.Of(Rows)!;

        Assert.Equal(
            [new(0, 0, null), new(0, 0.5, 0.9), new(0.25, 0.75, 0.7), new(0.75, 0.75, 0.4), new(0.75, 1, 0.2), new(1, 1, 0.1)], curves.Roc);
        Assert.Equal(
            [new(0.5, 1, 0.9), new(0.75, 3.0 / 4, 0.7), new(0.75, 3.0 / 6, 0.4), new(1, 4.0 / 7, 0.2), new(1, 4.0 / 8, 0.1)], curves.PrecisionRecall);
        Assert.Equal(0.5 * 1 + 0.25 * 3 / 4 + 0.25 * 4 / 7, RankingCurves.AveragePrecision(RankedRows.Of(Rows))!.Value, 1e-15);
    }

    [Fact]
    public void Removes_points_on_a_straight_line()
    {
        // Each threshold adds one row of each outcome: a straight line from (0, 0) to (1, 1).
        var even = RankingCurves.Of([.. Enumerable.Range(1, 9).SelectMany(p => (ScoredRow[])[new(p / 10.0, false, false), new(p / 10.0, false, true)])])!;

        Assert.Equal([new(0, 0, null), new(1, 1, 0.1)], even.Simplify().Roc);
    }

    [Fact]
    public void Simplified_curves_have_the_same_area_with_fewer_points()
    {
        var random = new SeededRandom(3);
        for (var round = 0; round < 100; round++)
        {
            ScoredRow[] rows = [new(0.5, false, true), new(0.5, false, false), .. Enumerable.Range(0, 60).Select(_ => new ScoredRow(random.NextDouble(), false, random.Next(2) == 0))];
            var all = RankingCurves.Of(rows)!;
            var corners = all.Simplify();

            Assert.Equal(Metrics.Of(rows).RocAuc!.Value, Area(all.Roc), 1e-12);
            Assert.Equal(Area(all.Roc), Area(corners.Roc), 1e-12);
            Assert.Equal(StepArea(all.PrecisionRecall), StepArea(corners.PrecisionRecall), 1e-12);
            Assert.True(corners.Roc.Count < all.Roc.Count && corners.PrecisionRecall.Count < all.PrecisionRecall.Count);
            Assert.Empty(corners.Roc.Except(all.Roc));
        }
    }

    [Fact]
    public void Returns_null_unless_both_outcomes_occur()
    {
        Assert.Null(RankingCurves.Of([new(0.3, false, false, 4)]));
        Assert.Null(RankingCurves.Of([new(0.3, false, true, 4), new(0.2, false, false, 0)]));
    }

    private static double Area(IReadOnlyList<CurvePoint> roc) => roc.Zip(roc.Skip(1), (left, right) =>
        (right.X - left.X) * (left.Y + right.Y) / 2).Sum();

    private static double StepArea(IReadOnlyList<CurvePoint> points) =>
        points.Zip(points.Skip(1), (left, right) => (right.X - left.X) * right.Y).Sum() + points[0].X * points[0].Y;
}
