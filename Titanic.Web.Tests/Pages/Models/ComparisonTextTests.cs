using Titanic.Web.Pages.Models;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Pages.Models;

public sealed class ComparisonTextTests
{
    [Theory]
    [InlineData(0.02, 0.01, 0.03, true, "K-NN")]
    [InlineData(-0.02, -0.03, -0.01, true, "the other")]
    [InlineData(0.02, 0.01, 0.03, false, "the other")]
    [InlineData(-0.02, -0.03, -0.01, false, "K-NN")]
    [InlineData(0.02, -0.01, 0.05, true, "neither, beyond chance")]
    public void Somebody_is_better_only_where_the_whole_interval_says_so(double value, double low, double high, bool lowerIsBetter, string better) =>
        Assert.Equal(better, ComparisonText.Better(new MetricValue(value, low, high), lowerIsBetter));

    [Fact]
    public void A_difference_is_shown_with_its_sign_and_interval()
    {
        Assert.Equal("+0.0200 (−0.0100 to +0.0500)", ComparisonText.Difference(new MetricValue(0.02, -0.01, 0.05)));
        Assert.Equal("–", ComparisonText.Difference(null));
    }
}
