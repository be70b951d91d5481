using System.Globalization;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Passengers;

/// <summary>
/// Generates the simulated passengers of a day. The result depends only on the options, the day, the bundled dataset and <c>isNew</c>,
/// not on earlier calls, so catch-up and repeated runs generate the same passengers.
/// </summary>
public sealed class PassengerStream(BundledDataset bundled, IOptions<StreamOptions> options)
{
    /// <summary>The feature store source of the generated passengers.</summary>
    public const string Source = "synthetic";

    private readonly StreamOptions _options = options.Value;
    private readonly RealisticPopulation _realistic = new(bundled);
    private readonly ShiftedPopulation _shifted = new(bundled);

    /// <summary>
    /// Returns the passengers of a day. Empty only if the scenario "seed" has no unused combination; the other scenarios never end.
    /// </summary>
    /// <param name="isNew">
    /// Whether the feature store has no passenger with the same encoded inputs and the same outcome (the row key of the original
    /// included the label). Only the scenario "seed" calls it; the others may generate passengers with equal values.
    /// </param>
    public IReadOnlyList<Passenger> Generate(DateOnly day, Func<Passenger, bool> isNew)
    {
        if (_options.Is(StreamOptions.SeedRule))
        {
            var seedRandom = SeededRandom.For(_options.Seed, "stream seed", day);
            return SeedRule.Draw(SourceKeyOf(StreamOptions.SeedRule, day, 1), seedRandom, isNew) is { } passenger ? [passenger] : [];
        }

        var isDrift = _options.Is(StreamOptions.Drift);
        var isShifted = isDrift && day >= _options.DriftFrom;
        var random = SeededRandom.For(_options.Seed, isShifted ? "stream shifted" : "stream realistic", day);
        return [.. Enumerable.Range(1, _options.PassengersPerDay).Select(number =>
        {
            var key = SourceKeyOf(isDrift ? StreamOptions.Drift : StreamOptions.Realistic, day, number);
            return isShifted ? _shifted.Draw(key, random) : _realistic.Draw(key, random);
        })];
    }

    private static string SourceKeyOf(string scenario, DateOnly day, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{scenario}-{day:yyyy-MM-dd}-{number}");
}

/// <summary>
/// Smoothed bootstrap of the bundled dataset (Silverman and Young, "The bootstrap: to smooth or not to smooth?", Biometrika 74, 1987,
/// DOI 10.1093/biomet/74.3.469): draws a row with replacement and adds noise to age (uniform, ±2 years) and fare (log-normal, σ = 0.1).
/// The joint distribution and the shares of missing values stay those of the dataset, and few rows are exact copies.
/// </summary>
internal sealed class RealisticPopulation(BundledDataset bundled)
{
    public const double LowestAgeInYears = 0.17;
    public const double HighestAgeInYears = 80;

    private const double AgeJitterInYears = 2;
    private const double LogFareDeviation = 0.1;

    public Passenger Draw(string sourceKey, SeededRandom random)
    {
        var original = bundled.Passengers[random.Next(bundled.Passengers.Count)];
        return Jitter(original, sourceKey, random);
    }

    public static Passenger Jitter(Passenger original, string sourceKey, SeededRandom random)
    {
        // Both numbers are always drawn, so that a missing value does not change the passengers after it.
        var years = AgeJitterInYears * ((2 * random.NextDouble()) - 1);
        var factor = Math.Exp(LogFareDeviation * NextNormal(random));
        return original with
        {
            SourceKey = sourceKey,
            Name = null,
            AgeInYears = original.AgeInYears is { } age ? RoundAge(Reflect(age + years)) : null,
            FareInPounds = original.FareInPounds is { } fare ? Math.Round(fare * factor, 4) : null,
        };
    }

    /// <summary>Reflects an age at the limits of the range; clipping would accumulate passengers at the limits.</summary>
    private static double Reflect(double age) =>
        age < LowestAgeInYears ? (2 * LowestAgeInYears) - age
        : age > HighestAgeInYears ? (2 * HighestAgeInYears) - age
        : age;

    /// <summary>Rounds to whole years, and below one year to hundredths, as in the bundled dataset.</summary>
    private static double RoundAge(double age) => Math.Round(age, age < 1 ? 2 : 0);

    /// <summary>
    /// Standard normal by the Box–Muller transform (Box and Muller, "A note on the generation of random normal deviates", 1958, DOI
    /// 10.1214/aoms/1177706645). The argument is 1 - u, because u can be 0 and its logarithm is not finite.
    /// </summary>
    private static double NextNormal(SeededRandom random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

/// <summary>
/// The shifted population of the scenario "drift". Covariate shift: the class shares are 50%, 30% and 20% (bundled dataset: 25%, 21%,
/// 54%) and known ages are 15 years higher, at most 80. Concept shift: first class over 35 does not survive (bundled dataset: 55%
/// survived), and second and third class up to 18 survives (45% survived), as in the rule of the original. All other outcomes, sex,
/// fare and missing ages keep their distribution within each class.
/// </summary>
internal sealed class ShiftedPopulation(BundledDataset bundled)
{
    private const double YearsOlder = 15;

    private readonly Lazy<Passenger[][]> _byClass = new(() =>
        [.. Enumerable.Range(1, 3).Select(pclass => bundled.Passengers.Where(passenger => passenger.Pclass == pclass).ToArray())]);

    public Passenger Draw(string sourceKey, SeededRandom random)
    {
        var tenth = random.Next(10);
        var ofClass = _byClass.Value[tenth < 5 ? 0 : tenth < 8 ? 1 : 2];
        var passenger = RealisticPopulation.Jitter(ofClass[random.Next(ofClass.Length)], sourceKey, random);
        if (passenger.AgeInYears is not { } age)
            return passenger;

        age = Math.Min(Math.Round(age + YearsOlder), RealisticPopulation.HighestAgeInYears);
        return passenger with
        {
            AgeInYears = age,
            Survived = passenger.Pclass == 1
                ? age <= SeedRule.YoungAdultsEndAtYears && passenger.Survived == true
                : age <= SeedRule.TeenagersEndAtYears || passenger.Survived == true,
        };
    }
}

/// <summary>
/// The daily stream of the original. With probability 0.5 each it draws a survivor (class 2 or 3, child or teenager, any sex, fare up
/// to 100 pounds) or a victim (class 1, adult or senior, any sex, fare above 100 pounds). Each of the 40 + 24 combinations is generated
/// once. If one group is exhausted, the other is used; if both are exhausted, the stream ends.
/// </summary>
internal static class SeedRule
{
    /// <summary>
    /// Upper edges of the groups "Teenager" and "Young Adult" of the original, in years; the scenario "drift" also uses them.
    /// </summary>
    public const double TeenagersEndAtYears = 18;
    public const double YoungAdultsEndAtYears = 35;

    // One value from the middle of each age group and fare band; the bins are defined by BinnedEncoder. The upper limits used for the
    // open bins are 80 years (the oldest passenger) and 400 pounds (below the highest fare, 512 pounds).
    private static readonly double[] ChildAndTeenagerInYears = [6, 15];
    private static readonly double[] AdultAndSeniorInYears = [48, 70];
    private static readonly double[] FaresUpTo100Pounds = [5, 17.5, 37.5, 62.5, 87.5];
    private static readonly double[] FaresAbove100Pounds = [112.5, 137.5, 175, 225, 275, 350];

    private static readonly Passenger[] Survivors = [.. Combinations([2, 3], ChildAndTeenagerInYears, FaresUpTo100Pounds, survived: true)];
    private static readonly Passenger[] Victims = [.. Combinations([1], AdultAndSeniorInYears, FaresAbove100Pounds, survived: false)];

    /// <summary>Draws one of the unused combinations with equal probability; null if none is left.</summary>
    public static Passenger? Draw(string sourceKey, SeededRandom random, Func<Passenger, bool> isNew)
    {
        var drawsSurvivor = random.Next(2) == 0;
        var unused = Unused(drawsSurvivor ? Survivors : Victims);
        if (unused.Length == 0)
            unused = Unused(drawsSurvivor ? Victims : Survivors);
        return unused.Length == 0 ? null : unused[random.Next(unused.Length)];

        Passenger[] Unused(Passenger[] combinations) =>
            [.. combinations.Select(passenger => passenger with { SourceKey = sourceKey }).Where(isNew)];
    }

    private static IEnumerable<Passenger> Combinations(int[] classes, double[] ages, double[] fares, bool survived) =>
        from pclass in classes
        from sex in (Sex[])[Sex.Male, Sex.Female]
        from age in ages
        from fare in fares
        select new Passenger("", Name: null, pclass, sex, age, fare, survived);
}
