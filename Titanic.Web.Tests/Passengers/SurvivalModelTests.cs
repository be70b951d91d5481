using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class SurvivalModelTests
{
    /// <summary>
    /// The coefficients are the maximum of the penalized log-likelihood of the bundled dataset: its gradient is 0. Coefficients, terms and
    /// dataset therefore cannot drift apart.
    /// </summary>
    [Fact]
    public void Coefficients_are_fitted_on_the_bundled_dataset()
    {
        var gradient = new double[SurvivalModel.Coefficients.Count];
        var terms = new double[gradient.Length];
        foreach (var row in new BundledDataset().Passengers)
        {
            SurvivalModel.WriteTerms(row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds, terms);
            var residual = (row.Survived == true ? 1 : 0) - SurvivalModel.Probability(row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds);
            for (var i = 0; i < terms.Length; i++)
                gradient[i] += residual * terms[i];
        }

        Assert.Equal(0, gradient[0], 1e-8); // the intercept has no penalty
        Assert.All(Enumerable.Range(1, gradient.Length - 1), i => Assert.Equal(SurvivalModel.Ridge * SurvivalModel.Coefficients[i].Coefficient, gradient[i], 1e-8));
    }

    /// <summary>Expected values from an independent fit in Python.</summary>
    [Theory]
    [InlineData(1, Sex.Female, 29.0, 211.3375, 0.9733596831)]
    [InlineData(3, Sex.Male, null, 7.8958, 0.1050105514)]
    [InlineData(3, Sex.Female, 4.0, 16.7, 0.6149715225)]
    [InlineData(2, Sex.Male, 0.8333, 29.0, 0.9658773822)]
    [InlineData(3, Sex.Male, 61.0, null, 0.0783673296)]
    [InlineData(1, Sex.Male, 80.0, 30.0, 0.1007327769)]
    [InlineData(2, Sex.Female, 45.0, 13.0, 0.8084946681)]
    [InlineData(1, Sex.Male, 40.0, 0.0, 0.167593405)]
    public void Probability_equals_that_of_an_independent_fit(int pclass, Sex sex, double? ageInYears, double? fareInPounds, double expected) =>
        Assert.Equal(expected, SurvivalModel.Probability(pclass, sex, ageInYears, fareInPounds), 1e-9);

    /// <summary>Calibration: in every class, sex and known or unknown age, the mean probability is the observed survival rate.</summary>
    [Fact]
    public void Mean_probabilities_equal_the_survival_rates_of_the_bundled_dataset()
    {
        foreach (var rows in new BundledDataset().Passengers.GroupBy(row => (row.Pclass, row.Sex)))
        {
            Assert.Equal(
                rows.Average(row => row.Survived == true ? 1.0 : 0),
                rows.Average(row => SurvivalModel.Probability(row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds)), 0.01);
        }
    }
}
