using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class MetricFormatTests
{
    [Theory]
    [InlineData("accuracy", "80.5%", "80.5% ± 0.5 points", "+80.5 points (+78.3 to +82.6)")]
    [InlineData("f1", "80.5%", "80.5% ± 0.5 points", "+80.5 points (+78.3 to +82.6)")]
    [InlineData("rocAuc", "0.805", "0.805 ± 0.005", "+0.805 (+0.783 to +0.826)")]
    [InlineData("logLoss", "0.805", "0.805 ± 0.005", "+0.805 (+0.783 to +0.826)")]
    [InlineData("brier", "0.805", "0.805 ± 0.005", "+0.805 (+0.783 to +0.826)")]
    public void Formats_a_value_its_spread_and_a_difference_with_the_same_number_of_decimals(
        string key, string value, string withSpread, string difference)
    {
        Assert.Equal(value, MetricFormat.Value(key, 0.8053));
        Assert.Equal(withSpread, MetricFormat.WithSpread(key, 0.8053, 0.0047));
        Assert.Equal(difference, MetricFormat.Difference(key, new MetricValue(0.8053, 0.7828, 0.8261)));
    }

    [Fact]
    public void Formats_the_interval_before_the_spread()
    {
        var accuracy = new MetricValue(0.8053, 0.7828, 0.8261, 0.0047);
        Assert.Equal("80.5% (78.3% to 82.6%)", MetricFormat.WithUncertainty("accuracy", accuracy));
        Assert.Equal("78.3% to 82.6%; ± 0.5 points", MetricFormat.Uncertainty("accuracy", accuracy));
        Assert.Equal("0.142 ± 0.003", MetricFormat.WithUncertainty("brier", new MetricValue(0.1421, Spread: 0.0031)));
    }

    [Fact]
    public void Formats_unknown_values_as_a_dash()
    {
        Assert.Equal("–", MetricFormat.WithSpread("accuracy", null, null));
        Assert.Equal("–", MetricFormat.WithUncertainty("accuracy", null));
        Assert.Equal("–", MetricFormat.Difference("accuracy", null));
        Assert.Null(MetricFormat.Uncertainty("accuracy", new MetricValue(0.8)));
    }
}
