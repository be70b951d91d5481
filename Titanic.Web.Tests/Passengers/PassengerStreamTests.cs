using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class PassengerStreamTests
{
    private static readonly BundledDataset History = new();
    private static readonly DateOnly Day = new(2026, 11, 23);

    [Theory]
    [InlineData("realistic")]
    [InlineData("seed")]
    [InlineData("drift")]
    public void A_day_gives_the_same_passengers_whatever_was_asked_before(string scenario)
    {
        var options = new StreamOptions { Scenario = scenario, DriftFrom = Day };
        var asked = StreamOf(options);
        for (var before = 30; before > 0; before--)
            asked.PassengersOf(Day.AddDays(-before), _ => true);

        Assert.Equal(StreamOf(options).PassengersOf(Day, _ => true), asked.PassengersOf(Day, _ => true));
    }

    [Fact]
    public void Days_and_seeds_differ()
    {
        var first = Values(StreamOf(new()).PassengersOf(Day, _ => true));

        Assert.NotEqual(first, Values(StreamOf(new()).PassengersOf(Day.AddDays(1), _ => true)));
        Assert.NotEqual(first, Values(StreamOf(new() { Seed = 1913 }).PassengersOf(Day, _ => true)));
    }

    [Fact]
    public void More_passengers_a_day_do_not_change_the_first_ones()
    {
        var few = StreamOf(new() { PassengersPerDay = 3 }).PassengersOf(Day, _ => true);
        var many = StreamOf(new() { PassengersPerDay = 50 }).PassengersOf(Day, _ => true);

        Assert.Equal(few, many.Take(3));
    }

    [Theory]
    [InlineData("realistic", 10)]
    [InlineData("REALISTIC", 10)]
    [InlineData("drift", 10)]
    [InlineData("seed", 1)]
    public void Source_keys_tell_scenario_day_and_number(string scenario, int count)
    {
        var passengers = StreamOf(new() { Scenario = scenario, DriftFrom = Day }).PassengersOf(Day, _ => true);

        Assert.Equal(Enumerable.Range(1, count).Select(number => $"{scenario.ToLowerInvariant()}-2026-11-23-{number}"),
            passengers.Select(passenger => passenger.SourceKey));
    }

    [Fact]
    public void Realistic_asks_nobody_whether_a_person_is_new() =>
        Assert.Equal(10, StreamOf(new()).PassengersOf(Day, _ => false).Count);

    [Fact]
    public void Drift_is_realistic_until_its_first_day()
    {
        var realistic = StreamOf(new());
        var drift = StreamOf(new() { Scenario = "drift", DriftFrom = Day });

        Assert.Equal(Values(realistic.PassengersOf(Day.AddDays(-1), _ => true)), Values(drift.PassengersOf(Day.AddDays(-1), _ => true)));
        Assert.NotEqual(Values(realistic.PassengersOf(Day, _ => true)), Values(drift.PassengersOf(Day, _ => true)));
    }

    private static PassengerStream StreamOf(StreamOptions options) => new(History, Options.Create(options));

    private static Passenger[] Values(IEnumerable<Passenger> passengers) =>
        [.. passengers.Select(passenger => passenger with { SourceKey = "" })];
}
