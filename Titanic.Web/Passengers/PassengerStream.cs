using System.Globalization;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Passengers;

/// <summary>
/// The passengers of a day. A pure function of (options, day, shipped list, isNew): a day gives the same people however often and in
/// whatever order days are asked for, so that missed days can be caught up and runs repeated.
/// </summary>
public sealed class PassengerStream(BundledDataset history, IOptions<StreamOptions> options)
{
    public const string Source = "synthetic";

    private readonly StreamOptions _options = options.Value;
    private readonly RealisticPopulation _realistic = new(history);
    private readonly ShiftedPopulation _shifted = new(history);

    /// <summary>Empty only when the scenario "seed" has no combination left; the other scenarios never end.</summary>
    /// <param name="isNew">
    /// Whether the feature store has no passenger with the same encoded inputs and the same outcome yet (the original's row, whose label
    /// was part of it). Only "seed" asks; the others draw persons, and two persons may be alike.
    /// </param>
    public IReadOnlyList<Passenger> PassengersOf(DateOnly day, Func<Passenger, bool> isNew)
    {
        if (_options.Is(StreamOptions.SeedRule))
        {
            var random = SeededRandom.For(_options.Seed, "stream seed", day);
            return SeedRule.Draw(KeyOf(StreamOptions.SeedRule, day, 1), random, isNew) is { } passenger ? [passenger] : [];
        }

        var isDrift = _options.Is(StreamOptions.Drift);
        var isShifted = isDrift && day >= _options.DriftFrom;
        var people = SeededRandom.For(_options.Seed, isShifted ? "stream shifted" : "stream realistic", day);
        return [.. Enumerable.Range(1, _options.PassengersPerDay).Select(number =>
        {
            var key = KeyOf(isDrift ? StreamOptions.Drift : StreamOptions.Realistic, day, number);
            return isShifted ? _shifted.Draw(key, people) : _realistic.Draw(key, people);
        })];
    }

    private static string KeyOf(string scenario, DateOnly day, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{scenario}-{day:yyyy-MM-dd}-{number}");
}
