using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

/// <summary>Against SciPy 1.10: <c>t.ppf(0.975, df)</c> and <c>2 t.cdf(1.5, df) - 1</c>.</summary>
public sealed class StudentTTests
{
    [Theory]
    [InlineData(1, 12.706204736432095, 0.6256659163780025)]
    [InlineData(2, 4.302652729911275, 0.7276068751089992)]
    [InlineData(3, 3.182446305284263, 0.7694161347551771)]
    [InlineData(4, 2.7764451051977987, 0.792)]
    [InlineData(9, 2.2621571627409915, 0.8321493439429253)]
    [InlineData(49, 2.009575234489209, 0.8599693813683644)]
    [InlineData(99, 1.9842169515086827, 0.8632031822840267)]
    [InlineData(1000, 1.9623390808264074, 0.8660699611779139)]
    public void Agrees_with_SciPy(int degreesOfFreedom, double quantile, double within)
    {
        Assert.Equal(quantile, StudentT.Quantile95(degreesOfFreedom), 1e-10);
        Assert.Equal(within, StudentT.Within(1.5, degreesOfFreedom), 1e-12);
    }

    [Fact]
    public void Nothing_lies_within_zero_and_everything_within_infinity()
    {
        Assert.Equal(0, StudentT.Within(0, 49));
        Assert.Equal(1, StudentT.Within(double.PositiveInfinity, 49));
        Assert.Equal(1, StudentT.Within(1e6, 49), 1e-12);
    }
}
