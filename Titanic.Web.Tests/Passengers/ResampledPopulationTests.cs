using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

/// <summary>Version 1 of the realistic population. Stores contain its passengers, so it must generate them for ever.</summary>
public sealed class ResampledPopulationTests
{
    private static readonly BundledDataset List = new();
    private static readonly DateOnly Day = new(2026, 11, 23);

    /// <summary>Expected values from an independent implementation of version 1 and of SplitMix64 in Python.</summary>
    [Fact]
    public void Passengers_are_those_of_version_1_for_ever()
    {
        var population = new ResampledPopulation(List);
        var random = SeededRandom.For(1912, "stream realistic", Day);

        Assert.Equal(
            [
                new("1", null, 3, Sex.Male, null, 8.2305, false), new("2", null, 1, Sex.Female, null, 105.6123, true),
                new("3", null, 3, Sex.Male, 2, 29.1526, false), new("4", null, 3, Sex.Male, null, 14.1912, false),
            ],
            Enumerable.Range(1, 4).Select(number => population.Draw($"{number}", random)));
    }

    /// <inheritdoc cref="Passengers_are_those_of_version_1_for_ever"/>
    [Fact]
    public void Shifted_passengers_are_those_of_version_1_for_ever()
    {
        var population = new ShiftedPopulation(new ResampledPopulation(List));
        var random = SeededRandom.For(1912, "stream shifted", Day);

        Assert.Equal(
            [
                new("1", null, 2, Sex.Female, 69, 19.092, true), new("2", null, 1, Sex.Male, 74, 28.5335, false),
                new("3", null, 2, Sex.Female, 29, 17.9521, true), new("4", null, 3, Sex.Male, null, 8.5404, false),
            ],
            Enumerable.Range(1, 4).Select(number => population.Draw($"{number}", random)));
    }

    [Fact]
    public void Keeps_missing_values_class_sex_and_outcome()
    {
        var original = new Passenger("1226", "Storey, Mr. Thomas", 3, Sex.Male, null, null, false);

        var copy = ResampledPopulation.AddNoise(original, "realistic-1", new SeededRandom(1));

        Assert.Equal(new Passenger("realistic-1", null, 3, Sex.Male, null, null, false), copy);
    }
}
