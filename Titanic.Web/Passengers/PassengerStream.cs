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

/// <summary>
/// Smoothed bootstrap of the historical joint distribution (Silverman and Young, 1987): a historical passenger is drawn with class,
/// sex, age, fare and outcome together, then age and fare are shaken a little. So every dependence of the history survives, what is
/// missing stays missing at its historical share, and few people are exact copies.
/// </summary>
internal sealed class RealisticPopulation(BundledDataset history)
{
    public const double LowestAgeInYears = 0.17;
    public const double HighestAgeInYears = 80;

    private const double AgeJitterInYears = 2;
    private const double LogFareDeviation = 0.1;

    public Passenger Draw(string sourceKey, SeededRandom random)
    {
        var original = history.Passengers[random.Next(history.Passengers.Count)];
        return Shake(original, sourceKey, random);
    }

    public static Passenger Shake(Passenger original, string sourceKey, SeededRandom random)
    {
        // Both numbers are drawn also when they are not needed, so that a missing value does not change the people after it.
        var years = AgeJitterInYears * ((2 * random.NextDouble()) - 1);
        var factor = Math.Exp(LogFareDeviation * NextNormal(random));
        return original with
        {
            SourceKey = sourceKey,
            Name = null,
            AgeInYears = original.AgeInYears is { } age ? Rounded(Reflected(age + years)) : null,
            FareInPounds = original.FareInPounds is { } fare ? Math.Round(fare * factor, 4) : null,
        };
    }

    /// <summary>Back into the range like a ball from a wall: cutting instead would heap people up at its ends.</summary>
    private static double Reflected(double age) =>
        age < LowestAgeInYears ? (2 * LowestAgeInYears) - age
        : age > HighestAgeInYears ? (2 * HighestAgeInYears) - age
        : age;

    /// <summary>Whole years, and hundredths for infants, as passenger lists give them.</summary>
    private static double Rounded(double age) => Math.Round(age, age < 1 ? 2 : 0);

    /// <summary>Standard normal (Box and Muller, 1958). 1 - u keeps the logarithm away from zero.</summary>
    private static double NextNormal(SeededRandom random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

/// <summary>
/// What the scenario "drift" turns to. Covariates shift: the classes come 50 : 30 : 20 (history 25 : 21 : 54) and everybody whose age
/// is known is 15 years older, up to 80. The concept shifts: outcomes follow the original's contrary rule where it speaks: first
/// class over 35 perishes (history: 55 % survived), second and third class up to 18 survives (history: 45 %). All others keep their
/// historical outcome; sex, fare and the missing ages stay as they were within each class.
/// </summary>
internal sealed class ShiftedPopulation(BundledDataset history)
{
    private const double YearsOlder = 15;

    private readonly Lazy<Passenger[][]> _byClass = new(() =>
        [.. Enumerable.Range(1, 3).Select(pclass => history.Passengers.Where(passenger => passenger.Pclass == pclass).ToArray())]);

    public Passenger Draw(string sourceKey, SeededRandom random)
    {
        var lot = random.Next(10);
        var ofClass = _byClass.Value[lot < 5 ? 0 : lot < 8 ? 1 : 2];
        var person = RealisticPopulation.Shake(ofClass[random.Next(ofClass.Length)], sourceKey, random);
        if (person.AgeInYears is not { } age)
            return person;

        age = Math.Min(Math.Round(age + YearsOlder), RealisticPopulation.HighestAgeInYears);
        return person with
        {
            AgeInYears = age,
            Survived = person.Pclass == 1
                ? age <= SeedRule.YoungAdultsEndAtYears && person.Survived == true
                : age <= SeedRule.TeenagersEndAtYears || person.Survived == true,
        };
    }
}

/// <summary>
/// The original's daily stream. A fair coin; survivor: class 2 or 3, child or teenager, any sex, fare up to 100 pounds; victim: first
/// class, adult or senior, any sex, fare above 100 pounds. 40 + 24 combinations, each given once, so the stream ends: when one side
/// is exhausted the other is taken, and when both are there is nobody left.
/// </summary>
internal static class SeedRule
{
    /// <summary>Upper ends of the original's groups "Teenager" and "Young Adult": the rule's own words, also used by the drift.</summary>
    public const double TeenagersEndAtYears = 18;
    public const double YoungAdultsEndAtYears = 35;

    // One plain value from the middle of each age group and fare band; the bins themselves belong to the feature store's encoder.
    // The open ends are closed by the oldest passenger (80) and, at 400 pounds, below the dearest ticket (512).
    private static readonly double[] ChildAndTeenagerInYears = [6, 15];
    private static readonly double[] AdultAndSeniorInYears = [48, 70];
    private static readonly double[] FaresUpTo100Pounds = [5, 17.5, 37.5, 62.5, 87.5];
    private static readonly double[] FaresAbove100Pounds = [112.5, 137.5, 175, 225, 275, 350];

    private static readonly Passenger[] Survivors = [.. Combinations([2, 3], ChildAndTeenagerInYears, FaresUpTo100Pounds, survived: true)];
    private static readonly Passenger[] Victims = [.. Combinations([1], AdultAndSeniorInYears, FaresAbove100Pounds, survived: false)];

    /// <summary>Uniformly one of the combinations still new on the coin's side, or null when none is left on either.</summary>
    public static Passenger? Draw(string sourceKey, SeededRandom random, Func<Passenger, bool> isNew)
    {
        var coin = random.Next(2) == 0;
        var left = NewOnes(coin ? Survivors : Victims);
        if (left.Length == 0)
            left = NewOnes(coin ? Victims : Survivors);
        return left.Length == 0 ? null : left[random.Next(left.Length)];

        Passenger[] NewOnes(Passenger[] side) =>
            [.. side.Select(passenger => passenger with { SourceKey = sourceKey }).Where(isNew)];
    }

    private static IEnumerable<Passenger> Combinations(int[] classes, double[] ages, double[] fares, bool survived) =>
        from pclass in classes
        from sex in (Sex[])[Sex.Male, Sex.Female]
        from age in ages
        from fare in fares
        select new Passenger("", Name: null, pclass, sex, age, fare, survived);
}
