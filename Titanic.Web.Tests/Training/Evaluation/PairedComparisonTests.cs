using System.Numerics;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class PairedComparisonTests
{
    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(5, 5, 1)]
    [InlineData(0, 5, 2.0 / 32)] // 5 of 5 in either direction
    [InlineData(5, 0, 2.0 / 32)]
    [InlineData(1, 9, 2 * 11.0 / 1024)]
    public void McNemar_p_value_of_small_cases_by_hand(int onlyFirst, int onlySecond, double p) =>
        Assert.Equal(p, new PairedComparison(100, onlyFirst, onlySecond, 50).McNemarPValue, 1e-14);

    [Theory]
    [InlineData(12, 30)]
    [InlineData(9, 10)]
    [InlineData(18, 19)]
    [InlineData(200, 260)]
    [InlineData(480, 520)]
    [InlineData(100, 900)]
    public void McNemar_p_value_agrees_with_exact_integers(int onlyFirst, int onlySecond)
    {
        var n = onlyFirst + onlySecond;
        var (term, sum) = (BigInteger.One, BigInteger.One);
        for (var i = 1; i <= Math.Min(onlyFirst, onlySecond); i++)
            sum += term = term * (n - i + 1) / i;
        var expected = Math.Exp(BigInteger.Log(2 * sum) - n * Math.Log(2));

        var p = new PairedComparison(0, onlyFirst, onlySecond, 0).McNemarPValue;

        Assert.Equal(1, p / expected, 1e-11);
    }

    /// <summary>Reference values by mpmath with 40 digits.</summary>
    [Theory]
    [InlineData(0.05, 1.9599639845400542)]
    [InlineData(0.01, 2.5758293035489004)]
    [InlineData(0.0001, 3.8905918864131207)]
    [InlineData(0.5, 0.67448975019608171)]
    public void Normal_quantile_agrees_with_40_digit_reference_values(double significanceLevel, double z) => Assert.Equal(z, PairedComparison.TwoSidedQuantile(significanceLevel), 1e-13);

    [Fact]
    public void McNemar_p_value_is_computed_for_a_million_rows()
    {
        Assert.Equal(1, new PairedComparison(0, 500_000, 500_000, 0).McNemarPValue);
        // Normal approximation with continuity correction: z = 2999 / 1000, p = 0.00271.
        Assert.Equal(0.00271, new PairedComparison(0, 498_500, 501_500, 0).McNemarPValue, 0.00003);
        Assert.Equal(0, new PairedComparison(0, 0, 1_000_000, 0).McNemarPValue);
    }

    /// <summary>
    /// Reference values computed in Python by maximizing the likelihood of the discordant rows under each hypothesis, not by the formula.
    /// </summary>
    [Theory]
    [InlineData(44, 0, 1, -0.059393, 0.118077)]
    [InlineData(300, 7, 4, -0.035851, 0.013612)]
    [InlineData(1319, 65, 40, -0.034622, -0.003793)]
    [InlineData(3000, 120, 120, -0.010189, 0.010189)]
    [InlineData(50, 1, 9, 0.044509, 0.292936)]
    [InlineData(100, 3, 0, -0.084519, 0.008103)]
    public void Gain_interval_agrees_with_a_maximum_likelihood_score_test(int rows, int onlyFirst, int onlySecond, double low, double high)
    {
        var interval = new PairedComparison(rows - onlyFirst - onlySecond, onlyFirst, onlySecond, 0).GainInterval()!.Value;

        Assert.Equal((low, high), (Math.Round(interval.Lower, 6), Math.Round(interval.Upper, 6)));
    }

    [Fact]
    public void Gain_interval_has_a_positive_width_without_discordant_rows()
    {
        // z² / (n + z²) with z = 1.959964 for 5 % and 2.575829 for 1 %.
        Assert.Equal(3.841459 / 203.841459, new PairedComparison(150, 0, 0, 50).GainInterval()!.Value.Upper, 1e-8);
        Assert.Equal(-6.634897 / 206.634897, new PairedComparison(150, 0, 0, 50).GainInterval(0.01)!.Value.Lower, 1e-8);
        Assert.Null(new PairedComparison(0, 0, 0, 0).GainInterval());
    }

    [Fact]
    public void Pairs_predictions_row_by_row_if_entries_group_rows_differently()
    {
        ScoredRow[] first = [new(0.2, false, false, 3), new(0.8, true, false, 2), new(0.9, true, true, 4)];
        ScoredRow[] second = [new(0.7, true, false, 1), new(0.1, false, false, 4), new(0.4, false, true, 1), new(0.6, true, true, 3)];

        var comparison = PairedComparison.Of(first, second);

        Assert.Equal(new PairedComparison(BothCorrect: 5, OnlyFirstCorrect: 2, OnlySecondCorrect: 2, BothWrong: 0), comparison);
        Assert.Equal(0, comparison.AccuracyGain);
        Assert.Equal(1, comparison.McNemarPValue);
    }

    [Fact]
    public void Rejects_predictions_for_other_rows()
    {
        Assert.Throws<ArgumentException>(() => PairedComparison.Of([new(0.2, false, false, 3)], [new(0.2, false, false, 2)]));
        Assert.Throws<ArgumentException>(() => PairedComparison.Of([new(0.2, false, false)], [new(0.2, false, true)]));
    }
}
