using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class ResampledMeanTests
{
    [Fact]
    public void Four_folds_by_hand()
    {
        // Two repeats of two folds: as many rows tested as learned. Variance of 1, 2, 3, 6 around 3: (4 + 1 + 0 + 9) / 3.
        var mean = ResampledMean.Of([1, 2, 3, 6], testRowsPerTrainingRow: 1)!;

        Assert.Equal((3, 3), (mean.Mean, mean.DegreesOfFreedom));
        Assert.Equal(Math.Sqrt(14.0 / 3 * (1.0 / 4 + 1)), mean.StandardError, 1e-14);
        Assert.Equal(3 + 3.1824463052837096 * mean.StandardError, mean.Confidence95.Upper, 1e-11);
        Assert.Equal(3 - 3.1824463052837096 * mean.StandardError, mean.Confidence95.Lower, 1e-11);
    }

    [Fact]
    public void The_interval_holds_zero_exactly_if_the_p_value_is_above_five_percent()
    {
        foreach (var shift in Enumerable.Range(-60, 121).Select(step => step / 10.0))
        {
            var mean = ResampledMean.Of([shift, shift + 1, shift - 2, shift + 0.5, shift + 1.5], 0.25)!;
            Assert.Equal(mean.PValue > 0.05, mean.Confidence95 is { Lower: < 0, Upper: > 0 });
        }
    }

    [Fact]
    public void Folds_that_all_differ_alike_leave_no_doubt()
    {
        Assert.Equal(0, ResampledMean.Of([0.5, 0.5, 0.5], 0.5)!.PValue);
        Assert.Equal(1, ResampledMean.Of([0, 0, 0], 0.5)!.PValue);
    }

    [Fact]
    public void Without_a_figure_in_every_fold_there_is_no_mean()
    {
        Assert.Null(ResampledMean.Of([0.5, null, 0.5], 0.5));
        Assert.Null(ResampledMean.Of([0.5], 0.5));
    }
}
