using Titanic.Web.Lifecycle;
using Titanic.Web.Pages.Models;
using Titanic.Web.Registry;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Pages.Models;

public sealed class ComparisonTextTests
{
    [Theory]
    [InlineData(0.02, 0.01, 0.03, true, "K-NN")]
    [InlineData(-0.02, -0.03, -0.01, true, "alternative")]
    [InlineData(0.02, 0.01, 0.03, false, "alternative")]
    [InlineData(-0.02, -0.03, -0.01, false, "K-NN")]
    [InlineData(0.02, -0.01, 0.05, true, "No significant difference")]
    public void Names_the_better_side_only_if_the_interval_excludes_zero(double value, double low, double high, bool lowerIsBetter, string better) =>
        Assert.Equal(better, ComparisonText.Better(new MetricValue(value, low, high), lowerIsBetter));

    [Theory]
    [InlineData(5, "No significant difference")]
    [InlineData(6, "version 4")]
    [InlineData(null, "version 4")]
    public void Names_no_better_version_below_the_minimum_of_discordant_rows_of_the_gate(int? discordant, string better)
    {
        var difference = new MetricValue(0.01, 0.002, 0.018);
        var metric = new ComparedMetric("accuracy", "Accuracy", 1309, LowerIsBetter: false, 0.80, 0.81, difference, discordant);

        Assert.Equal(better, ComparisonText.Better(metric, new GatePolicy(), 3, 4));
    }
}
