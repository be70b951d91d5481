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
    public void Generates_the_same_passengers_regardless_of_earlier_calls(string scenario)
    {
        var options = new StreamOptions { Scenario = scenario, DriftFrom = Day };
        var stream = StreamOf(options);
        for (var before = 30; before > 0; before--)
            stream.Generate(Day.AddDays(-before), _ => true);

        Assert.Equal(StreamOf(options).Generate(Day, _ => true), stream.Generate(Day, _ => true));
    }

    [Fact]
    public void Generates_other_passengers_for_other_days_and_seeds()
    {
        var first = Values(StreamOf(new()).Generate(Day, _ => true));

        Assert.NotEqual(first, Values(StreamOf(new()).Generate(Day.AddDays(1), _ => true)));
        Assert.NotEqual(first, Values(StreamOf(new() { Seed = 1913 }).Generate(Day, _ => true)));
    }

    [Fact]
    public void More_passengers_per_day_do_not_change_the_first_ones()
    {
        var few = StreamOf(new() { PassengersPerDay = 3 }).Generate(Day, _ => true);
        var many = StreamOf(new() { PassengersPerDay = 50 }).Generate(Day, _ => true);

        Assert.Equal(few, many.Take(3));
    }

    [Theory]
    [InlineData("realistic", 10)]
    [InlineData("REALISTIC", 10)]
    [InlineData("drift", 10)]
    [InlineData("seed", 1)]
    public void Source_keys_consist_of_scenario_day_and_number(string scenario, int count)
    {
        var passengers = StreamOf(new() { Scenario = scenario, DriftFrom = Day }).Generate(Day, _ => true);

        Assert.Equal(Enumerable.Range(1, count).Select(number => $"{scenario.ToLowerInvariant()}-2026-11-23-{number}"),
            passengers.Select(passenger => passenger.SourceKey));
    }

    [Fact]
    public void Realistic_does_not_call_isNew() =>
        Assert.Equal(10, StreamOf(new()).Generate(Day, _ => false).Count);

    [Fact]
    public void Drift_equals_realistic_before_its_first_day()
    {
        var realistic = StreamOf(new());
        var drift = StreamOf(new() { Scenario = "drift", DriftFrom = Day });

        Assert.Equal(Values(realistic.Generate(Day.AddDays(-1), _ => true)), Values(drift.Generate(Day.AddDays(-1), _ => true)));
        Assert.NotEqual(Values(realistic.Generate(Day, _ => true)), Values(drift.Generate(Day, _ => true)));
    }

    private static PassengerStream StreamOf(StreamOptions options) => new(History, Options.Create(options));

    private static Passenger[] Values(IEnumerable<Passenger> passengers) =>
        [.. passengers.Select(passenger => passenger with { SourceKey = "" })];
}
