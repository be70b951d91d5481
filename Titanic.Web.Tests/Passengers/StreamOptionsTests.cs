using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class StreamOptionsTests
{
    [Theory]
    [InlineData("realistic")]
    [InlineData("Seed")]
    public void Accepts_scenarios_in_any_case(string scenario) =>
        Assert.True(new StreamOptionsValidator().Validate(null, new StreamOptions { Scenario = scenario }).Succeeded);

    [Fact]
    public void Drift_requires_its_first_day()
    {
        var without = new StreamOptionsValidator().Validate(null, new StreamOptions { Scenario = "drift" });
        var with = new StreamOptionsValidator().Validate(null,
            new StreamOptions { Scenario = "drift", DriftFrom = new DateOnly(2026, 11, 23) });

        Assert.StartsWith("Stream:DriftFrom is missing; it must be a date such as 2026-11-23", Assert.Single(without.Failures!), StringComparison.Ordinal);
        Assert.True(with.Succeeded);
    }

    [Fact]
    public void Returns_the_value_and_the_allowed_values_of_each_setting()
    {
        var result = new StreamOptionsValidator().Validate(null,
            new StreamOptions { Scenario = "random", PassengersPerDay = 0, OutcomeDelayDays = -1 });

        Assert.Equal(
            [
                "Stream:PassengersPerDay is 0; it must be between 1 and 100,000.",
                "Stream:OutcomeDelayDays is -1; it must be between 0 and 365.",
                "Stream:Scenario is \"random\"; it must be realistic, seed or drift.",
            ], result.Failures);
    }
}
