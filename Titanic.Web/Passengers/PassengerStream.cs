using System.Globalization;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Passengers;

/// <summary>
/// Generates the simulated passengers of a day. The result depends only on the options, the day, the bundled dataset, the stored keys of
/// the day and <c>isNew</c>, not on earlier calls, so catch-up and repeated runs generate the same passengers.
/// </summary>
public sealed class PassengerStream(BundledDataset bundled, IOptions<StreamOptions> options)
{
    /// <summary>The feature store source of the generated passengers.</summary>
    public const string Source = "synthetic";

    private readonly StreamOptions _options = options.Value;
    private readonly IPopulation _realistic = new RealisticPopulation(bundled);
    private readonly IPopulation _resampled = new ResampledPopulation(bundled);

    /// <summary>
    /// Returns the passengers of a day. Empty only if the scenario "seed" has no unused combination; the other scenarios never end.
    /// </summary>
    /// <param name="isNew">
    /// Whether the feature store has no passenger with the same encoded inputs and the same outcome (the row key of the original
    /// included the label). Only the scenario "seed" calls it; the others may generate passengers with equal values.
    /// </param>
    public IReadOnlyList<Passenger> Generate(DateOnly day, Func<Passenger, bool> isNew)
    {
        if (!_options.Is(StreamOptions.SeedRule))
            return GenerateBy(StreamGenerator.Newest(_options.Scenario), day);

        var random = SeededRandom.For(_options.Seed, "stream seed", day);
        return SeedRule.Draw(SourceKeyOf(StreamGenerator.Seed, day, 1), random, isNew) is { } passenger ? [passenger] : [];
    }

    /// <summary>
    /// The passengers of a day that an earlier version of the scenario's generator made, generated again by that version: their keys,
    /// values and outcomes. Null if no stored key is of an earlier version; then <see cref="Generate"/> applies.
    /// </summary>
    /// <param name="storedKeys">The source keys of the day's stored passengers. No other passenger is returned.</param>
    public IReadOnlyList<Passenger>? GenerateStored(DateOnly day, IReadOnlySet<string> storedKeys)
    {
        var newest = StreamGenerator.Newest(_options.Scenario);
        var earlier = storedKeys.Select(StreamGenerator.Find).FirstOrDefault(made => made is not null && made != newest && _options.Is(made.Scenario));
        return earlier is null ? null : [.. GenerateBy(earlier, day).Where(passenger => storedKeys.Contains(passenger.SourceKey))];
    }

    private Passenger[] GenerateBy(StreamGenerator generator, DateOnly day)
    {
        var isShifted = _options.Is(StreamOptions.Drift) && day >= _options.DriftFrom;
        var random = SeededRandom.For(_options.Seed, isShifted ? "stream shifted" : "stream realistic", day);
        var population = generator.CopiesListedPassengers ? _resampled : _realistic;
        if (isShifted)
            population = new ShiftedPopulation(population);
        return [.. Enumerable.Range(1, _options.PassengersPerDay).Select(number => population.Draw(SourceKeyOf(generator, day, number), random))];
    }

    private static string SourceKeyOf(StreamGenerator generator, DateOnly day, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{generator.KeyPrefix}-{day:yyyy-MM-dd}-{number}");
}

/// <summary>
/// A version of a scenario's generator. Its prefix is part of the source keys, so that the rows of every version remain distinguishable; a
/// version whose rows can be stored somewhere is never removed, because their outcomes may still be due.
/// </summary>
/// <param name="Scenario">The value of Stream:Scenario.</param>
/// <param name="KeyPrefix">The first part of the source keys, before the day.</param>
/// <param name="Name">The scenario with the version, for pages and commits.</param>
/// <param name="Description">Where inputs and outcomes come from, for pages.</param>
/// <param name="CopiesListedPassengers">Whether its passengers are listed passengers with noise and the listed outcome.</param>
public sealed record StreamGenerator(string Scenario, string KeyPrefix, string Name, string Description, bool CopiesListedPassengers)
{
    private const string Resampled = "resampled from the historical list, with the outcome of the listed passenger";
    private const string Modeled = "inputs from the smoothed joint distribution of the historical list, outcome from the survival model";

    public static StreamGenerator Seed { get; } = new(StreamOptions.SeedRule, "seed", "seed", "rule of the original course project", false);

    /// <summary>All versions, the newest of each scenario last.</summary>
    private static readonly StreamGenerator[] All =
    [
        Seed,
        new(StreamOptions.Realistic, "realistic", "realistic v1", Resampled, true),
        new(StreamOptions.Realistic, "realistic2", "realistic v2", Modeled, false),
        new(StreamOptions.Drift, "drift", "drift v1", Resampled + "; shifted from Stream:DriftFrom", true),
        new(StreamOptions.Drift, "drift2", "drift v2", Modeled + "; shifted from Stream:DriftFrom", false),
    ];

    /// <summary>The version that generates the passengers of new days.</summary>
    public static StreamGenerator Newest(string scenario) =>
        All.Last(generator => string.Equals(generator.Scenario, scenario, StringComparison.OrdinalIgnoreCase));

    /// <summary>The version that made a passenger of the source <see cref="PassengerStream.Source"/>; null for any other key.</summary>
    public static StreamGenerator? Find(string sourceKey) =>
        All.SingleOrDefault(generator => sourceKey.StartsWith(generator.KeyPrefix + "-", StringComparison.Ordinal));
}

/// <summary>A distribution of passengers of which the stream draws.</summary>
internal interface IPopulation
{
    Passenger Draw(string sourceKey, SeededRandom random);

    /// <summary>Draws from the passengers of one class.</summary>
    Passenger DrawOfClass(int pclass, string sourceKey, SeededRandom random);
}
