namespace Titanic.Web.Passengers;

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
