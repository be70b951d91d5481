using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class ResampledMeanTests
{
    [Fact]
    public void Mean_and_interval_of_four_folds_by_hand()
    {
        // Two repeats of two folds: as many test as training rows. Variance of 1, 2, 3, 6 around 3: (4 + 1 + 0 + 9) / 3.
        var mean = ResampledMean.Of([1, 2, 3, 6], testRowsPerTrainingRow: 1)!;

        Assert.Equal((3, 3), (mean.Mean, mean.DegreesOfFreedom));
        Assert.Equal(Math.Sqrt(14.0 / 3 * (1.0 / 4 + 1)), mean.StandardError, 1e-14);
        Assert.Equal(3 + 3.1824463052837096 * mean.StandardError, mean.Confidence95.Upper, 1e-11);
        Assert.Equal(3 - 3.1824463052837096 * mean.StandardError, mean.Confidence95.Lower, 1e-11);
    }

    [Fact]
    public void Equal_fold_values_have_a_zero_width_interval() =>
        Assert.Equal(new Interval(0.5, 0.5), ResampledMean.Of([0.5, 0.5, 0.5], 0.5)!.Confidence95);

    [Fact]
    public void Returns_null_if_a_fold_has_no_value_or_there_is_one_fold()
    {
        Assert.Null(ResampledMean.Of([0.5, null, 0.5], 0.5));
        Assert.Null(ResampledMean.Of([0.5], 0.5));
    }
}
