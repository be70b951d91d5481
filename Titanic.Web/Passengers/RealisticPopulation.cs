namespace Titanic.Web.Passengers;

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
