using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class HypergeometricTests
{
    private const int Draws = 40_000;
    private static readonly double[] _logOfFactorial = LogsOfFactorials(10_000);

    [Theory]
    [InlineData(5, 7, 9)]
    [InlineData(1, 3, 2)]
    [InlineData(40, 3, 500)] // mostly 0
    [InlineData(500, 400, 200)] // at least 300 must be marked
    [InlineData(2_500, 2_000, 8_000)]
    public void Draws_follow_the_exact_probabilities(int draws, int marked, int unmarked)
    {
        var random = new SeededRandom(1912);
        var observed = new int[draws + 1];
        for (var draw = 0; draw < Draws; draw++)
            observed[Hypergeometric.Draw(draws, marked, unmarked, random)]++;

        // Values with an expected count below 10 are pooled.
        var (statistic, cells, rareObserved, rareExpected) = (0.0, 0, 0, 0.0);
        for (var value = 0; value <= draws; value++)
        {
            var expected = Draws * Probability(value, draws, marked, unmarked);
            if (expected >= 10)
                (statistic, cells) = (statistic + (observed[value] - expected) * (observed[value] - expected) / expected, cells + 1);
            else
                (rareObserved, rareExpected) = (rareObserved + observed[value], rareExpected + expected);
        }
        Assert.InRange(statistic, 0, cells + 4 * Math.Sqrt(2 * cells)); // chi-squared: mean = cells, variance = 2 cells
        Assert.Equal(rareExpected, rareObserved, 4 * Math.Sqrt(rareExpected) + 1e-9);
    }

    [Fact]
    public void Large_draws_have_the_expected_mean_and_variance()
    {
        var random = new SeededRandom(2);
        var drawn = Enumerable.Range(0, 2_000).Select(_ => (double)Hypergeometric.Draw(600_000, 400_000, 1_600_000, random)).ToArray();

        var deviation = Math.Sqrt(600_000 * 0.2 * 0.8 * 1_400_000.0 / 1_999_999);
        Assert.Equal(120_000, drawn.Average(), 4 * deviation / Math.Sqrt(drawn.Length));
        Assert.Equal(1, drawn.Average(value => (value - 120_000) * (value - 120_000)) / (deviation * deviation), 0.15);
    }

    [Fact]
    public void Certain_draws_do_not_use_the_generator()
    {
        var (used, untouched) = (new SeededRandom(5), new SeededRandom(5));

        Assert.Equal(0, Hypergeometric.Draw(0, 4, 6, used));
        Assert.Equal(4, Hypergeometric.Draw(10, 4, 6, used));
        Assert.Equal(3, Hypergeometric.Draw(3, 4, 0, used));
        Assert.Equal(0, Hypergeometric.Draw(3, 0, 4, used));
        Assert.Equal(untouched.NextUInt64(), used.NextUInt64());
    }

    /// <summary>Expected values from the same algorithm in exact fractions (Python), with the same generator.</summary>
    [Fact]
    public void Draws_of_a_seed_equal_those_of_the_reference_implementation()
    {
        var random = new SeededRandom(7);

        Assert.Equal(
            [47, 50, 40, 45, 54, 52, 54, 53, 49, 47, 51, 63], Enumerable.Range(0, 12).Select(_ => Hypergeometric.Draw(250, 2_000, 8_000, random)));
    }

    private static double Probability(int value, int draws, int marked, int unmarked) =>
        value > marked || draws - value > unmarked
            ? 0
            : Math.Exp(LogOfChoose(marked, value) + LogOfChoose(unmarked, draws - value) - LogOfChoose(marked + unmarked, draws));

    private static double LogOfChoose(int n, int k) => _logOfFactorial[n] - _logOfFactorial[k] - _logOfFactorial[n - k];

    private static double[] LogsOfFactorials(int largest)
    {
        var logs = new double[largest + 1];
        for (var n = 1; n <= largest; n++)
            logs[n] = logs[n - 1] + Math.Log(n);
        return logs;
    }
}
