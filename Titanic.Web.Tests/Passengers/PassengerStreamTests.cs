using System.Globalization;
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
    [InlineData("realistic", "realistic2", 10)]
    [InlineData("REALISTIC", "realistic2", 10)]
    [InlineData("drift", "drift2", 10)]
    [InlineData("seed", "seed", 1)]
    public void Source_keys_consist_of_generator_day_and_number(string scenario, string prefix, int count)
    {
        var passengers = StreamOf(new() { Scenario = scenario, DriftFrom = Day }).Generate(Day, _ => true);

        Assert.Equal(Enumerable.Range(1, count).Select(number => $"{prefix}-2026-11-23-{number}"),
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

    [Theory]
    [InlineData("realistic", "2026-11-30")]
    [InlineData("drift", "2026-11-30")]
    [InlineData("drift", "2026-11-01")]
    public void Generates_the_stored_passengers_of_version_1_again(string scenario, string driftFrom)
    {
        var stream = StreamOf(new() { Scenario = scenario, DriftFrom = DateOnly.Parse(driftFrom, CultureInfo.InvariantCulture) });
        var isShifted = scenario == "drift" && driftFrom == "2026-11-01";
        IPopulation version1 = isShifted ? new ShiftedPopulation(new ResampledPopulation(History)) : new ResampledPopulation(History);
        var random = SeededRandom.For(1912, isShifted ? "stream shifted" : "stream realistic", Day);
        Passenger[] all = [.. Enumerable.Range(1, 10).Select(number => version1.Draw($"{scenario}-2026-11-23-{number}", random))];

        Assert.Equal(all, stream.GenerateStored(Day, all.Select(passenger => passenger.SourceKey).ToHashSet()));
        Assert.Equal(all[2..4], stream.GenerateStored(Day, all[2..4].Select(passenger => passenger.SourceKey).ToHashSet()));
    }

    [Theory]
    [InlineData("realistic", "realistic2-2026-11-23-1")]
    [InlineData("realistic", "drift-2026-11-23-1")]
    [InlineData("seed", "realistic-2026-11-23-1")]
    [InlineData("drift", "7")]
    public void Generates_no_stored_passengers_if_no_key_is_of_an_earlier_version_of_the_scenario(string scenario, string key) =>
        Assert.Null(StreamOf(new() { Scenario = scenario, DriftFrom = Day }).GenerateStored(Day, new HashSet<string> { key }));

    [Theory]
    [InlineData("realistic-2026-11-23-1", "realistic v1", true)]
    [InlineData("realistic2-2026-11-23-1", "realistic v2", false)]
    [InlineData("drift-2026-11-23-1", "drift v1", true)]
    [InlineData("drift2-2026-11-23-1", "drift v2", false)]
    [InlineData("seed-2026-11-23-1", "seed", false)]
    [InlineData("realistic", null, null)]
    [InlineData("1", null, null)]
    public void Finds_the_generator_of_a_key(string key, string? name, bool? copies)
    {
        var found = StreamGenerator.Find(key);

        Assert.Equal((name, copies), (found?.Name, found?.CopiesListedPassengers));
    }

    private static PassengerStream StreamOf(StreamOptions options) => new(History, Options.Create(options));

    private static Passenger[] Values(IEnumerable<Passenger> passengers) =>
        [.. passengers.Select(passenger => passenger with { SourceKey = "" })];
}
