namespace Titanic.Web.Passengers;

/// <summary>
/// The realistic population: the joint distribution of class, sex, age and fare of the bundled dataset, smoothed, with the outcome drawn
/// anew from the <see cref="SurvivalModel"/>. No passenger is copied from a listed one;
/// the inputs of some are equal by chance, mostly where the fare is 0.
/// <list type="bullet">
/// <item>Class and sex: their joint shares. Missing age: its share within class and sex.</item>
/// <item>Age: kernel density estimate within class and sex (normal kernel, σ = 3 years: Silverman's rule of thumb for the ages of the
/// dataset; Silverman, "Density estimation for statistics and data analysis", 1986, ISBN 978-0-412-24620-3).</item>
/// <item>Fare: from a different row than the age, one of the ten next in age in the same class and sex, with log-normal noise (σ = 0.1).
/// Fares depend on class, sex and age as in the dataset. A fare of 0 and a missing fare keep their shares.</item>
/// </list>
/// </summary>
internal sealed class RealisticPopulation(BundledDataset bundled) : IPopulation
{
    private const double AgeDeviationInYears = 3;
    private const double LogFareDeviation = 0.1;

    /// <summary>Number of rows on each side, in the order of age, from which the fare is taken.</summary>
    private const int RowsNextInAge = 5;

    private readonly Lazy<Stratum[]> _strata = new(() => [.. bundled.Passengers.GroupBy(row => (row.Pclass, row.Sex)).Select(rows => new Stratum(rows))]);

    public Passenger Draw(string sourceKey, SeededRandom random) => Draw(_strata.Value, sourceKey, random);

    public Passenger DrawOfClass(int pclass, string sourceKey, SeededRandom random) =>
        Draw([.. _strata.Value.Where(stratum => stratum.Pclass == pclass)], sourceKey, random);

    /// <summary>Takes one number of <paramref name="random"/>, so that a passenger does not depend on the values of others.</summary>
    private static Passenger Draw(Stratum[] strata, string sourceKey, SeededRandom random)
    {
        var own = new SeededRandom(random.NextUInt64());
        var row = own.Next(strata.Sum(stratum => stratum.Count));
        var chosen = 0;
        for (; row >= strata[chosen].Count; chosen++)
            row -= strata[chosen].Count;
        var (age, fare) = DrawAgeAndFare(strata[chosen], row, own);
        var (pclass, sex) = (strata[chosen].Pclass, strata[chosen].Sex);
        return new Passenger(sourceKey, Name: null, pclass, sex, age, fare, own.NextDouble() < SurvivalModel.Probability(pclass, sex, age, fare));
    }

    /// <param name="row">Uniform in 0..<see cref="Stratum.Count"/>-1.</param>
    private static (double? Age, double? Fare) DrawAgeAndFare(Stratum stratum, int row, SeededRandom random)
    {
        double? age = null;
        double? fare;
        if (row < stratum.ByAge.Length)
        {
            age = StreamNoise.ToValidAge(stratum.ByAge[row].AgeInYears!.Value + (AgeDeviationInYears * StreamNoise.NextNormal(random)));
            fare = stratum.ByAge[RowNextInAge(row, stratum.ByAge.Length, random)].FareInPounds;
        }
        else
        {
            fare = stratum.WithoutAge[random.Next(stratum.WithoutAge.Length)].FareInPounds;
        }
        return (age, fare * Math.Exp(LogFareDeviation * StreamNoise.NextNormal(random)) is { } pounds ? Math.Round(pounds, 4) : null);
    }

    /// <summary>
    /// One of the rows next to a row, never the row itself. Rows beyond the ends are reflected, so that rows near the ends are drawn about
    /// as often as others.
    /// </summary>
    internal static int RowNextInAge(int row, int rows, SeededRandom random)
    {
        var offset = random.Next(2 * RowsNextInAge) - RowsNextInAge;
        if (offset >= 0)
            offset++;
        var next = row + offset < 0 ? -1 - row - offset : row + offset >= rows ? (2 * rows) - 1 - row - offset : row + offset;
        return next != row ? next : row - offset;
    }

    /// <summary>The listed passengers of one class and sex.</summary>
    private sealed class Stratum(IGrouping<(int Pclass, Sex Sex), Passenger> rows)
    {
        public int Pclass { get; } = rows.Key.Pclass;
        public Sex Sex { get; } = rows.Key.Sex;
        public int Count { get; } = rows.Count();
        public Passenger[] ByAge { get; } = [.. rows.Where(row => row.AgeInYears is not null).OrderBy(row => row.AgeInYears)];
        public Passenger[] WithoutAge { get; } = [.. rows.Where(row => row.AgeInYears is null)];
    }
}

/// <summary>Random numbers and rounding that the populations share.</summary>
internal static class StreamNoise
{
    public const double LowestAgeInYears = 0.17;
    public const double HighestAgeInYears = 80;

    /// <summary>
    /// Reflects an age at the limits of the range, because clipping would accumulate passengers there, and rounds to whole years, below
    /// one year to hundredths, as in the bundled dataset.
    /// </summary>
    public static double ToValidAge(double age)
    {
        var reflected = age < LowestAgeInYears ? (2 * LowestAgeInYears) - age
            : age > HighestAgeInYears ? (2 * HighestAgeInYears) - age
            : age;
        return Math.Round(reflected, reflected < 1 ? 2 : 0);
    }

    /// <summary>
    /// Standard normal by the Box–Muller transform (Box and Muller, "A note on the generation of random normal deviates", 1958, DOI
    /// 10.1214/aoms/1177706645). The argument is 1 - u, because u can be 0 and its logarithm is not finite.
    /// </summary>
    public static double NextNormal(SeededRandom random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
