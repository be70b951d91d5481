using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class StudentTTests
{
    /// <summary>Reference values by mpmath with 40 digits, from the incomplete beta function.</summary>
    [Theory]
    [InlineData(1, 12.706204736174705, 0.62566591637800237)]
    [InlineData(2, 4.3026527297494639, 0.72760687510899892)]
    [InlineData(3, 3.1824463052837096, 0.76941613475517695)]
    [InlineData(4, 2.7764451051977944, 0.792)]
    [InlineData(9, 2.2621571627982055, 0.83214934394292518)]
    [InlineData(49, 2.0095752371292397, 0.85996938136836452)]
    [InlineData(99, 1.9842169515864175, 0.86320318228402669)]
    [InlineData(1000, 1.9623390808264085, 0.86606996117791383)]
    public void Agrees_with_40_digit_reference_values(int degreesOfFreedom, double quantile, double within)
    {
        Assert.Equal(quantile, StudentT.Quantile95(degreesOfFreedom), 1e-11);
        Assert.Equal(within, StudentT.CentralProbability(1.5, degreesOfFreedom), 1e-13);
    }

    [Fact]
    public void Central_probability_is_0_at_0_and_1_at_infinity()
    {
        Assert.Equal(0, StudentT.CentralProbability(0, 49));
        Assert.Equal(1, StudentT.CentralProbability(double.PositiveInfinity, 49));
        Assert.Equal(1, StudentT.CentralProbability(1e6, 49), 1e-12);
    }
}
