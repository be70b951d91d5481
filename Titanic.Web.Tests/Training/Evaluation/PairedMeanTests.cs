using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class PairedMeanTests
{
    [Fact]
    public void Mean_difference_and_interval_agree_with_single_rows()
    {
        // Squared errors of the first model 0.04, 0.04, 0.64, 0.01; of the second 0.09, 0.04, 0.25, 0.01; differences 0.05, 0, -0.39, 0:
        // mean -0.085, variance (0.135² + 0.085² + 0.305² + 0.085²) / 3 = 0.0419, half width 1.959964 sqrt(0.0419 / 4) = 0.2006.
        ScoredRow[] first = [new(0.2, false, false, 2), new(0.2, false, true), new(0.9, true, true)];
        ScoredRow[] second = [new(0.3, false, false), new(0.2, false, false), new(0.5, false, true), new(0.9, true, true)];

        var mean = PairedMean.Of(first, second, row => Math.Pow(row.Probability - (row.Actual ? 1 : 0), 2))!;

        Assert.Equal(-0.085, mean.Difference, 1e-12);
        Assert.Equal((0.1825, 0.0975), (Math.Round(mean.First, 12), Math.Round(mean.Second, 12)));
        Assert.Equal((-0.2856, 0.1156), (Math.Round(mean.Interval!.Value.Lower, 4), Math.Round(mean.Interval.Value.Upper, 4)));
    }

    [Fact]
    public void Returns_null_without_rows_and_no_interval_for_one_row()
    {
        Assert.Null(PairedMean.Of([], [], row => row.Probability));
        Assert.Equal(
            new PairedMean(0.2, 0.5, 0.3, null), PairedMean.Of([new(0.2, false, false)], [new(0.5, false, false)], row => row.Probability));
    }
}
