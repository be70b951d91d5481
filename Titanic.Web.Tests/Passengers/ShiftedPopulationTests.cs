using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class ShiftedPopulationTests
{
    private static readonly BundledDataset History = new();
    private static readonly Passenger[] Drawn = DrawMany();

    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(2, 0.3)]
    [InlineData(3, 0.2)]
    public void Class_shares_are_shifted(int pclass, double share) =>
        Assert.Equal(share, Drawn.Average(passenger => passenger.Pclass == pclass ? 1.0 : 0.0),
            4 * Math.Sqrt(share * (1 - share) / Drawn.Length));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Ages_are_15_years_higher(int pclass)
    {
        var before = History.Passengers.Where(passenger => passenger.Pclass == pclass).Average(passenger => passenger.AgeInYears)!.Value;
        var ages = Drawn.Where(passenger => passenger.Pclass == pclass && passenger.AgeInYears is not null).ToArray();

        // Four standard errors with a standard deviation of 15 years, plus 0.3 years for the clipping at 80.
        Assert.Equal(before + 15, ages.Average(passenger => passenger.AgeInYears!.Value), (4 * 15 / Math.Sqrt(ages.Length)) + 0.3);
        Assert.All(ages, passenger => Assert.InRange(passenger.AgeInYears!.Value, 15, 80));
    }

    [Fact]
    public void Outcomes_follow_the_rule_for_the_affected_groups()
    {
        var victims = Drawn.Where(passenger => passenger.Pclass == 1 && passenger.AgeInYears > 35).ToArray();
        var survivors = Drawn.Where(passenger => passenger.Pclass > 1 && passenger.AgeInYears <= 18).ToArray();

        Assert.NotEmpty(victims);
        Assert.NotEmpty(survivors);
        Assert.All(victims, passenger => Assert.False(passenger.Survived));
        Assert.All(survivors, passenger => Assert.True(passenger.Survived));
    }

    [Fact]
    public void Survival_of_passengers_without_an_age_is_unchanged()
    {
        var before = History.Passengers.Where(passenger => passenger.Pclass == 1 && passenger.AgeInYears is null)
            .Average(passenger => passenger.Survived == true ? 1.0 : 0.0);
        var drawn = Drawn.Where(passenger => passenger.Pclass == 1 && passenger.AgeInYears is null).ToArray();

        Assert.Equal(before, drawn.Average(passenger => passenger.Survived == true ? 1.0 : 0.0), 4 * 0.5 / Math.Sqrt(drawn.Length));
    }

    private static Passenger[] DrawMany()
    {
        var population = new ShiftedPopulation(new RealisticPopulation(History));
        var random = new SeededRandom(1);
        return [.. Enumerable.Range(0, 10_000).Select(_ => population.Draw("x", random))];
    }
}
