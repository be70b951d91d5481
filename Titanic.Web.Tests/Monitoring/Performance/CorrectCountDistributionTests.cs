using MathNet.Numerics;
using Titanic.Web.Monitoring.Performance;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Monitoring.Performance;

public sealed class CorrectCountDistributionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Equals_the_convolution_of_single_rows(int seed)
    {
        var random = new SeededRandom((ulong)seed);
        CorrectBlock[] blocks = [.. Enumerable.Range(0, 12).Select(_ => new CorrectBlock(0.01 + (0.98 * random.NextDouble()), random.Next(40)))];

        var distribution = CorrectCountDistribution.Of(blocks);

        double[] expected = [1];
        foreach (var block in blocks.SelectMany(block => Enumerable.Repeat(block.Probability, block.Rows)))
            expected = [.. Enumerable.Range(0, expected.Length + 1).Select(k => ((k > 0 ? expected[k - 1] : 0) * block) + ((k < expected.Length ? expected[k] : 0) * (1 - block)))];
        Assert.Equal(expected.Length, distribution.Length);
        Assert.All(expected.Zip(distribution), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.Equal(1, distribution.Sum(), 1e-12);
    }

    [Fact]
    public void An_uncertain_probability_gives_the_beta_binomial_distribution()
    {
        var distribution = CorrectCountDistribution.Of([new CorrectBlock(0.8, 30, CalibrationRows: 50)]);

        Assert.All(distribution.Index(), term => Assert.Equal(
            Math.Exp(SpecialFunctions.BinomialLn(30, term.Index) + SpecialFunctions.BetaLn(40 + term.Index, 10 + 30 - term.Index) - SpecialFunctions.BetaLn(40, 10)), term.Item, 1e-12));
    }

    [Fact]
    public void The_interval_of_ten_rows_is_that_of_the_binomial_distribution()
    {
        // Of 10 rows with probability 0.8: P(at most 4) = 0.0064, P(at most 5) = 0.0328, P(at most 9) = 0.8926.
        var interval = CorrectCountDistribution.Interval95([new CorrectBlock(0.8, 10)]);

        Assert.Equal((0.5, 1.0), (interval.Lower, interval.Upper));
    }

    [Fact]
    public void The_calibration_error_widens_the_interval()
    {
        var certain = CorrectCountDistribution.Interval95([new CorrectBlock(0.8, 300)]);
        var uncertain = CorrectCountDistribution.Interval95([new CorrectBlock(0.8, 300, CalibrationRows: 100)]);

        Assert.True(uncertain.Lower < certain.Lower && uncertain.Upper > certain.Upper, $"{uncertain} does not contain {certain}.");
    }

    [Fact]
    public void Many_rows_have_nearly_the_interval_of_the_exact_distribution()
    {
        CorrectBlock[] Blocks(int rows) => [new(0.7, rows / 2, 400), new(0.9, rows - (rows / 2), 800)];

        var exact = CorrectCountDistribution.Interval95(Blocks(CorrectCountDistribution.MaximumExactRows));
        var normal = CorrectCountDistribution.Interval95(Blocks(CorrectCountDistribution.MaximumExactRows + 1));

        Assert.Equal(exact.Lower, normal.Lower, 0.002);
        Assert.Equal(exact.Upper, normal.Upper, 0.002);
    }
}
