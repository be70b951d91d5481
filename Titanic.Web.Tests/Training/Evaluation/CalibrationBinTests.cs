using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class CalibrationBinTests
{
    [Fact]
    public void Bins_contain_mean_prediction_and_observed_rate()
    {
        var bins = CalibrationBin.Of([new(0.62, true, true, 3), new(0.68, true, false, 1), new(0.05, false, false, 4)]);

        Assert.Equal(10, bins.Count);
        Assert.Equal((0.62 * 3 + 0.68) / 4, bins[6].MeanPredicted!.Value, 1e-15);
        Assert.Equal(MetricValue.Of(new Proportion(3, 4)), bins[6].Observed);
        Assert.Equal((4, 0.05), (bins[0].Rows, bins[0].Gap));
        Assert.Equal((0, null, null), (bins[3].Rows, bins[3].MeanPredicted, bins[3].Gap));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.1, 0)] // an edge belongs to the bin below
    [InlineData(0.3, 2)]
    [InlineData(0.5, 4)] // a tie is predicted "died"
    [InlineData(0.51, 5)]
    [InlineData(0.7, 6)]
    [InlineData(0.95, 9)]
    [InlineData(1, 9)]
    public void Assigns_an_edge_to_the_bin_below(double probability, int bin) => Assert.Equal(bin, CalibrationBin.FindIndex(probability));
}
