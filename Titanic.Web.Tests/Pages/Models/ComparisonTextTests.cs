using Titanic.Web.Pages.Models;
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

    [Fact]
    public void Formats_a_difference_with_its_sign_and_interval()
    {
        Assert.Equal("+0.0200 (−0.0100 to +0.0500)", ComparisonText.FormatDifference(new MetricValue(0.02, -0.01, 0.05)));
        Assert.Equal("–", ComparisonText.FormatDifference(null));
    }
}
