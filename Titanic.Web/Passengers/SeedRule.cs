namespace Titanic.Web.Passengers;

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
