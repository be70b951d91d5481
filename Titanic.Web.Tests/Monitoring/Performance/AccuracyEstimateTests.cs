using Titanic.Web.Monitoring.Performance;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Monitoring.Performance;

public sealed class AccuracyEstimateTests
{
    /// <summary>98 rows with probability 0.75, of which 60 survived, and 198 with probability 0.15, of which 20 survived.</summary>
    private static readonly IReadOnlyList<CalibrationBin> Calibration = CalibrationBin.Of(
    [
        new(0.75, true, true, 60), new(0.75, true, false, 38), new(0.15, false, true, 20), new(0.15, false, false, 178),
    ]);

    [Fact]
    public void Is_the_mean_calibrated_probability_of_the_predicted_class()
    {
        var estimate = AccuracyEstimate.Of([new(0.75, true, 3, Calibration), new(0.15, false, 5, Calibration)])!;

        // (60 + 2 · 0.75) / 100 = 0.615 for "survived", 1 - (20 + 2 · 0.15) / 200 = 0.8985 for "died".
        Assert.Equal(8, estimate.Rows);
        Assert.Equal(((3 * 0.615) + (5 * 0.8985)) / 8, estimate.Accuracy.Value!.Value, 1e-12);
        Assert.Equal(98 + 198, estimate.CalibrationRows);
    }

    [Fact]
    public void Uses_the_predicted_probability_without_calibration_rows()
    {
        var estimate = AccuracyEstimate.Of([new(0.75, true, 1, []), new(0.35, false, 1, Calibration)])!;

        Assert.Equal((0.75 + 0.65) / 2, estimate.Accuracy.Value!.Value, 1e-12);
    }

    [Fact]
    public void The_interval_is_wider_with_fewer_calibration_rows()
    {
        var few = CalibrationBin.Of([new(0.75, true, true, 6), new(0.75, true, false, 4)]);
        var many = CalibrationBin.Of([new(0.75, true, true, 600), new(0.75, true, false, 400)]);

        Assert.True(Width(few) > 1.5 * Width(many));

        static double Width(IReadOnlyList<CalibrationBin> calibration)
        {
            var accuracy = AccuracyEstimate.Of([new(0.75, true, 70, calibration)])!.Accuracy;
            return accuracy.High!.Value - accuracy.Low!.Value;
        }
    }

    [Fact]
    public void There_is_no_estimate_without_rows() => Assert.Null(AccuracyEstimate.Of([new(0.75, true, 0, Calibration)]));
}
