using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

/// <summary>What the realistic population keeps of the joint distribution of the bundled dataset, and that it copies nobody.</summary>
public sealed class RealisticPopulationTests
{
    private static readonly BundledDataset List = new();
    private static readonly IReadOnlyList<Passenger> History = List.Passengers;
    private static readonly Passenger[] Drawn = Draw(new RealisticPopulation(List), 100_000);

    public static TheoryData<int, Sex> ClassesAndSexes { get; } =
        new((from pclass in (int[])[1, 2, 3] from sex in (Sex[])[Sex.Male, Sex.Female] select (pclass, sex)).ToArray());

    [Theory]
    [MemberData(nameof(ClassesAndSexes))]
    public void Keeps_the_shares_of_class_and_sex_and_of_their_missing_ages(int pclass, Sex sex)
    {
        bool InGroup(Passenger passenger) => passenger.Pclass == pclass && passenger.Sex == sex;

        AssertShare(Share(History, InGroup), Drawn, InGroup);
        AssertShare(Share(History.Where(InGroup), passenger => passenger.AgeInYears is null), [.. Drawn.Where(InGroup)], passenger => passenger.AgeInYears is null);
    }

    [Fact]
    public void Keeps_the_shares_of_free_and_missing_fares()
    {
        AssertShare(17.0 / 1309, Drawn, passenger => passenger.FareInPounds == 0);
        AssertShare(1.0 / 1309, Drawn, passenger => passenger.FareInPounds is null);
    }

    /// <summary>
    /// The largest difference of the distribution functions. Half of the listed fares of the third class are 7.25 to 8.05 pounds, on few
    /// values; the noise spreads them over 6 to 10 pounds.
    /// </summary>
    [Theory]
    [InlineData(1, 0.06, 0.06)]
    [InlineData(2, 0.06, 0.12)]
    [InlineData(3, 0.06, 0.18)]
    public void Keeps_the_distributions_of_age_and_fare_by_class(int pclass, double ofAge, double ofFare)
    {
        Assert.InRange(KolmogorovSmirnov(pclass, passenger => passenger.AgeInYears), 0, ofAge);
        Assert.InRange(KolmogorovSmirnov(pclass, passenger => passenger.FareInPounds), 0, ofFare);
    }

    [Fact]
    public void Keeps_the_shares_of_age_groups_and_fare_bands()
    {
        foreach (var (low, high) in ((double, double)[])[(-1, 12), (12, 18), (18, 35), (35, 60), (60, 80)])
            AssertShare(Share(History, p => p.AgeInYears > low && p.AgeInYears <= high), Drawn, p => p.AgeInYears > low && p.AgeInYears <= high, smoothing: 0.02);
        foreach (var (low, high) in ((double, double)[])[(-1, 10), (10, 25), (25, 50), (50, 100), (100, 1_000)])
            AssertShare(Share(History, p => p.FareInPounds > low && p.FareInPounds <= high), Drawn, p => p.FareInPounds > low && p.FareInPounds <= high, smoothing: 0.02);
    }

    /// <summary>Pearson correlation of age and log(1 + fare), for which the fare is taken from rows next in age.</summary>
    [Theory]
    [MemberData(nameof(ClassesAndSexes))]
    public void Keeps_the_correlation_of_age_and_fare_within_class_and_sex(int pclass, Sex sex)
    {
        bool InGroup(Passenger passenger) => passenger.Pclass == pclass && passenger.Sex == sex;

        Assert.Equal(Correlation(History.Where(InGroup)), Correlation(Drawn.Where(InGroup)), 0.1);
    }

    [Theory]
    [MemberData(nameof(ClassesAndSexes))]
    public void Survival_by_class_and_sex_is_within_3_points_of_the_bundled_dataset(int pclass, Sex sex)
    {
        bool InGroup(Passenger passenger) => passenger.Pclass == pclass && passenger.Sex == sex;

        AssertShare(Share(History.Where(InGroup), Survived), [.. Drawn.Where(InGroup)], Survived, smoothing: 0.03);
        AssertShare(500.0 / 1309, Drawn, Survived, smoothing: 0.01);
    }

    /// <summary>
    /// Given its probability, an outcome has no correlation with the outcome of the most similar listed passenger. The version 1 of the
    /// generator inherits outcomes, and the same measure finds it.
    /// </summary>
    [Fact]
    public void Outcomes_do_not_depend_on_those_of_listed_passengers()
    {
        Assert.InRange(Math.Abs(Dependence(Drawn[..20_000])), 0, 4);
        Assert.InRange(Dependence(Draw(new ResampledPopulation(List), 20_000)), 20, double.MaxValue);
    }

    [Fact]
    public void Age_and_fare_are_never_from_the_same_row()
    {
        var random = new SeededRandom(1);

        for (var rows = 11; rows <= 40; rows++)
        {
            var counts = new int[rows];
            for (var row = 0; row < rows; row++)
            {
                for (var draw = 0; draw < 1_000; draw++)
                {
                    var next = RealisticPopulation.RowNextInAge(row, rows, random);
                    Assert.NotEqual(row, next);
                    Assert.InRange(next, Math.Max(0, row - 5), Math.Min(rows - 1, row + 5));
                    counts[next]++;
                }
            }
            Assert.All(counts, count => Assert.InRange(count, 700, 1_300)); // rows near the ends are drawn about as often as others
        }
    }

    [Fact]
    public void Ages_are_in_range_and_rounded_as_in_the_bundled_dataset()
    {
        var ages = Drawn.Where(passenger => passenger.AgeInYears is not null).Select(passenger => passenger.AgeInYears!.Value).ToArray();

        Assert.All(ages, age => Assert.InRange(age, 0.17, 80));
        Assert.All(ages.Where(age => age >= 1), age => Assert.Equal(Math.Round(age), age));
        Assert.All(ages.Where(age => age < 1), age => Assert.Equal(Math.Round(age, 2), age));
        Assert.All(Drawn, passenger => Assert.InRange(passenger.FareInPounds ?? 0, 0, 1_000));
    }

    [Fact]
    public void Generated_passengers_have_no_name() => Assert.All(Drawn, passenger => Assert.Null(passenger.Name));

    private static Passenger[] Draw(IPopulation population, int count)
    {
        var random = new SeededRandom(1912);
        return [.. Enumerable.Range(0, count).Select(_ => population.Draw("x", random))];
    }

    private static bool Survived(Passenger passenger) => passenger.Survived == true;

    private static double Share(IEnumerable<Passenger> passengers, Func<Passenger, bool> belongs) =>
        passengers.Average(passenger => belongs(passenger) ? 1.0 : 0.0);

    /// <param name="smoothing">Allowed difference beyond four standard errors.</param>
    private static void AssertShare(double expected, Passenger[] drawn, Func<Passenger, bool> belongs, double smoothing = 0) =>
        Assert.Equal(expected, Share(drawn, belongs), (4 * Math.Sqrt(expected * (1 - expected) / drawn.Length)) + smoothing);

    private static double KolmogorovSmirnov(int pclass, Func<Passenger, double?> value)
    {
        double[] listed = [.. History.Where(p => p.Pclass == pclass).Select(value).OfType<double>().Order()];
        double[] drawn = [.. Drawn.Where(p => p.Pclass == pclass).Select(value).OfType<double>().Order()];
        return listed.Distinct().Max(at => Math.Abs(ShareUpTo(listed, at) - ShareUpTo(drawn, at)));

        static double ShareUpTo(double[] sorted, double at)
        {
            var found = Array.BinarySearch(sorted, Math.BitIncrement(at));
            for (found = found < 0 ? ~found : found; found > 0 && sorted[found - 1] > at; found--)
            {
            }
            return (double)found / sorted.Length;
        }
    }

    private static double Correlation(IEnumerable<Passenger> passengers)
    {
        (double Age, double Fare)[] values =
            [.. passengers.Where(p => p is { AgeInYears: not null, FareInPounds: not null }).Select(p => (p.AgeInYears!.Value, Math.Log(1 + p.FareInPounds!.Value)))];
        var (age, fare) = (values.Average(v => v.Age), values.Average(v => v.Fare));
        return values.Sum(v => (v.Age - age) * (v.Fare - fare))
            / Math.Sqrt(values.Sum(v => (v.Age - age) * (v.Age - age)) * values.Sum(v => (v.Fare - fare) * (v.Fare - fare)));
    }

    /// <summary>
    /// Mean of (outcome - p) · (outcome - p of the most similar listed passenger), in standard errors. p is the probability of the survival
    /// model, so the mean is 0 if outcomes are drawn anew.
    /// </summary>
    private static double Dependence(Passenger[] drawn)
    {
        var strata = History.GroupBy(p => (p.Pclass, p.Sex, p.AgeInYears is null)).ToDictionary(rows => rows.Key, rows => rows.ToArray());
        double[] products = [.. drawn.Select(passenger => Residual(passenger)
            * Residual(strata[(passenger.Pclass, passenger.Sex, passenger.AgeInYears is null)].MinBy(listed => Distance(passenger, listed))!))];
        var mean = products.Average();
        return mean / Math.Sqrt(products.Average(product => (product - mean) * (product - mean)) / products.Length);

        static double Residual(Passenger p) => (Survived(p) ? 1 : 0) - SurvivalModel.Probability(p.Pclass, p.Sex, p.AgeInYears, p.FareInPounds);

        static double Distance(Passenger a, Passenger b) =>
            Math.Abs((a.AgeInYears ?? 0) - (b.AgeInYears ?? 0)) + (20 * Math.Abs(Math.Log(1 + (a.FareInPounds ?? 14)) - Math.Log(1 + (b.FareInPounds ?? 14))));
    }
}
