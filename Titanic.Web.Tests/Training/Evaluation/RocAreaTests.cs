using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class RocAreaTests
{
    /// <summary>DeLong's variance computed pair by pair, as the paper defines it, compared with the single pass over ranks.</summary>
    [Fact]
    public void Interval_agrees_with_DeLong_computed_over_all_pairs()
    {
        var random = new SeededRandom(9);
        for (var round = 0; round < 100; round++)
        {
            ScoredRow[] rows = [.. Enumerable.Range(0, 30).Select(_ => new ScoredRow(random.Next(9) / 8.0, false, random.Next(3) == 0, 1 + random.Next(3)))];
            var single = rows.SelectMany(row => Enumerable.Repeat(row, row.Rows)).ToLookup(row => row.Actual, row => row.Probability);
            if (single[true].Count() < 2 || single[false].Count() < 2)
                continue;
            var survivorComponents = single[true].Select(survivor => single[false].Average(victim => Wins(survivor, victim))).ToArray();
            var victimComponents = single[false].Select(victim => single[true].Average(survivor => Wins(survivor, victim))).ToArray();
            var halfWidth = 1.959963984540054 * Math.Sqrt(Variance(survivorComponents) / survivorComponents.Length + Variance(victimComponents) / victimComponents.Length);

            var interval = RocArea.Confidence95(RankedRows.Of(rows))!.Value;

            Assert.Equal(Math.Max(0, survivorComponents.Average() - halfWidth), interval.Lower, 1e-12);
            Assert.Equal(Math.Min(1, survivorComponents.Average() + halfWidth), interval.Upper, 1e-12);
        }
    }

    [Fact]
    public void Returns_null_for_perfectly_separated_classes() =>
        Assert.Null(RocArea.Confidence95(RankedRows.Of([new(0.1, false, false, 5), new(0.9, true, true, 5)])));

    [Fact]
    public void Returns_null_for_a_single_row_of_an_outcome() =>
        Assert.Null(RocArea.Confidence95(RankedRows.Of([new(0.1, false, false, 5), new(0.3, false, true), new(0.4, false, false, 5)])));

    private static double Wins(double survivor, double victim) => survivor > victim ? 1 : survivor == victim ? 0.5 : 0;

    private static double Variance(double[] values) => values.Sum(value => Math.Pow(value - values.Average(), 2)) / (values.Length - 1);
}
