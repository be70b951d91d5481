using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class RealisticPopulationTests
{
    private static readonly BundledDataset List = new();
    private static readonly IReadOnlyList<Passenger> History = List.Passengers;
    private static readonly Passenger[] Drawn = ThousandDays();

    [Theory]
    [InlineData("class 1")]
    [InlineData("class 2")]
    [InlineData("class 3")]
    [InlineData("female")]
    [InlineData("survived")]
    [InlineData("age missing")]
    [InlineData("age up to 12")]
    [InlineData("age over 60")]
    public void Shares_equal_those_of_the_bundled_dataset(string group)
    {
        var expected = Share(History, passenger => Belongs(passenger, group));
        var tolerance = FourStandardErrors(expected, Drawn.Length) + Smoothing(group);

        Assert.Equal(expected, Share(Drawn, passenger => Belongs(passenger, group)), tolerance);
    }

    [Theory]
    [InlineData(1, Sex.Female)]
    [InlineData(1, Sex.Male)]
    [InlineData(2, Sex.Female)]
    [InlineData(2, Sex.Male)]
    [InlineData(3, Sex.Female)]
    [InlineData(3, Sex.Male)]
    public void Survival_by_class_and_sex_equals_that_of_the_bundled_dataset(int pclass, Sex sex)
    {
        bool InGroup(Passenger passenger) => passenger.Pclass == pclass && passenger.Sex == sex;
        var drawn = Drawn.Where(InGroup).ToArray();
        var expected = Share(History.Where(InGroup), passenger => passenger.Survived == true);

        Assert.Equal(expected, Share(drawn, passenger => passenger.Survived == true), FourStandardErrors(expected, drawn.Length));
    }

    [Fact]
    public void Ages_are_in_range_and_rounded_as_in_the_bundled_dataset()
    {
        var ages = Drawn.Where(passenger => passenger.AgeInYears is not null).Select(passenger => passenger.AgeInYears!.Value).ToArray();

        Assert.All(ages, age => Assert.InRange(age, 0.17, 80));
        Assert.All(ages.Where(age => age >= 1), age => Assert.Equal(Math.Round(age), age));
        Assert.All(ages.Where(age => age < 1), age => Assert.Equal(Math.Round(age, 2), age));
    }

    [Fact]
    public void Log_fares_have_a_standard_deviation_of_one_tenth()
    {
        var random = new SeededRandom(5);
        var original = new Passenger("1", "Somebody", 3, Sex.Male, 30, 100, false);

        double[] logs = [.. Enumerable.Range(0, 10_000)
            .Select(_ => Math.Log(RealisticPopulation.Jitter(original, "x", random).FareInPounds!.Value / 100))];

        var deviation = Math.Sqrt(logs.Average(log => log * log));
        Assert.Equal(0, logs.Average(), 4 * 0.1 / Math.Sqrt(logs.Length));
        Assert.Equal(0.1, deviation, 4 * 0.1 / Math.Sqrt(2.0 * logs.Length));
    }

    [Fact]
    public void Keeps_missing_values_class_sex_and_outcome()
    {
        var original = new Passenger("1226", "Storey, Mr. Thomas", 3, Sex.Male, null, null, false);

        var jittered = RealisticPopulation.Jitter(original, "realistic-1", new SeededRandom(1));

        Assert.Equal(new Passenger("realistic-1", null, 3, Sex.Male, null, null, false), jittered);
    }

    [Fact]
    public void Generated_passengers_have_no_name() => Assert.All(Drawn, passenger => Assert.Null(passenger.Name));

    private static Passenger[] ThousandDays()
    {
        var stream = new PassengerStream(List, Options.Create(new StreamOptions()));
        return [.. Enumerable.Range(0, 1000).SelectMany(day => stream.Generate(new DateOnly(2026, 1, 1).AddDays(day), _ => true))];
    }

    private static bool Belongs(Passenger passenger, string group) => group switch
    {
        "female" => passenger.Sex == Sex.Female,
        "survived" => passenger.Survived == true,
        "age missing" => passenger.AgeInYears is null,
        "age up to 12" => passenger.AgeInYears <= 12,
        "age over 60" => passenger.AgeInYears > 60,
        _ => group == $"class {passenger.Pclass}",
    };

    /// <summary>Jitter moves ages across the edges of a group in both directions; 1% is allowed for the difference.</summary>
    private static double Smoothing(string group) => group is "age up to 12" or "age over 60" ? 0.01 : 0;

    private static double Share(IEnumerable<Passenger> passengers, Func<Passenger, bool> belongs) =>
        passengers.Average(passenger => belongs(passenger) ? 1.0 : 0.0);

    private static double FourStandardErrors(double share, int n) => 4 * Math.Sqrt(share * (1 - share) / n);
}
