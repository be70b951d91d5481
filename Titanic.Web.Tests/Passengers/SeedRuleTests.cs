using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class SeedRuleTests
{
    private static readonly BundledDataset History = new();

    [Fact]
    public void Without_history_generates_each_of_the_64_combinations_once()
    {
        var stream = RunUntilExhausted([]);

        Assert.Equal(64, stream.Count);
        Assert.Equal(64, stream.Select(Code).Distinct().Count());
        Assert.Equal(40, stream.Count(passenger => passenger.Survived == true));
    }

    // Defect S14 of the original: the stream ended after about 50 days and then crashed. There, a row was new if its four codes with its
    // label were new.
    [Fact]
    public void With_history_ends_after_43_days()
    {
        var known = History.Passengers.Select(Row).ToHashSet();

        var stream = RunUntilExhausted(known);

        // Counted in the bundled dataset by an independent script: 26 + 17 of the 40 + 24 combinations do not occur.
        var survivors = stream.Count(passenger => passenger.Survived == true);
        Assert.Equal((26, 17), (survivors, stream.Count - survivors));
        known.UnionWith(stream.Select(Row));
        var later = Stream(seed: 1912).Generate(new DateOnly(2030, 1, 1), passenger => !known.Contains(Row(passenger)));
        Assert.Empty(later);
    }

    [Fact]
    public void Survivors_and_victims_are_in_the_groups_of_the_original()
    {
        Assert.All(RunUntilExhausted([]), passenger =>
        {
            var (pclass, _, ageGroup, fareBand) = Code(passenger);
            if (passenger.Survived == true)
                Assert.True(pclass is 2 or 3 && ageGroup is 1 or 2 && fareBand is >= 0 and <= 4);
            else
                Assert.True(pclass is 1 && ageGroup is 4 or 5 && fareBand is >= 5 and <= 10);
        });
    }

    [Fact]
    public void Survivors_and_victims_are_equally_likely()
    {
        const int days = 4000;
        var survivors = Enumerable.Range(0, days).Count(day =>
            Stream(seed: 1).Generate(new DateOnly(2026, 1, 1).AddDays(day), _ => true).Single().Survived == true);

        Assert.Equal(0.5, (double)survivors / days, 4 * Math.Sqrt(0.25 / days));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Uses_the_other_group_if_one_is_exhausted(bool survived)
    {
        var days = Enumerable.Range(0, 20).Select(day =>
            Stream(seed: 1).Generate(new DateOnly(2026, 1, 1).AddDays(day), passenger => passenger.Survived == survived).Single());

        Assert.All(days, passenger => Assert.Equal(survived, passenger.Survived));
    }

    private static List<Passenger> RunUntilExhausted(HashSet<((int, Sex, int, int) Code, bool? Survived)> known)
    {
        var seen = known.ToHashSet();
        var stream = new List<Passenger>();
        for (var day = new DateOnly(2026, 1, 1); stream.Count <= 64; day = day.AddDays(1))
        {
            var passengers = Stream(seed: 1912).Generate(day, passenger => !seen.Contains(Row(passenger)));
            if (passengers.Count == 0)
                break;
            stream.Add(Assert.Single(passengers));
            Assert.True(seen.Add(Row(stream[^1])));
        }
        return stream;
    }

    private static PassengerStream Stream(long seed) =>
        new(History, Options.Create(new StreamOptions { Scenario = "seed", Seed = seed }));

    private static ((int, Sex, int, int) Code, bool? Survived) Row(Passenger passenger) =>
        (Code(passenger), passenger.Survived);

    /// <summary>A second implementation of the four codes of the original: bins include their upper edge; a missing fare is 14.4542.</summary>
    private static (int Pclass, Sex Sex, int AgeGroup, int FareBand) Code(Passenger passenger)
    {
        double[] ageEdges = [12, 18, 35, 60];
        double[] fareEdges = [10, 25, 50, 75, 100, 125, 150, 200, 250, 300];
        var ageGroup = passenger.AgeInYears is { } age ? 1 + ageEdges.Count(edge => age > edge) : 0;
        return (passenger.Pclass, passenger.Sex, ageGroup, fareEdges.Count(edge => (passenger.FareInPounds ?? 14.4542) > edge));
    }
}
