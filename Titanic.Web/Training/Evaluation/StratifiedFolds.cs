using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Titanic.Web.Passengers;

namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// A random deal of all rows into folds in which each outcome has its share, as counts per distinct point: equal rows are
/// interchangeable, so nothing needs to be known of a row but its point and its outcome. Every deal of the rows is equally likely,
/// as if a shuffled deck had been dealt, but no row is touched: the time grows with distinct points times folds.
/// </summary>
internal sealed class StratifiedFolds
{
    private readonly WeightedSamples _points;
    private readonly int[][] _negatives;
    private readonly int[][] _positives;

    private StratifiedFolds(WeightedSamples points, int folds)
    {
        _points = points;
        _negatives = [.. Enumerable.Range(0, folds).Select(_ => new int[points.Count])];
        _positives = [.. Enumerable.Range(0, folds).Select(_ => new int[points.Count])];
    }

    public static StratifiedFolds Deal(WeightedSamples points, int folds, SeededRandom random)
    {
        var dealt = new StratifiedFolds(points, folds);
        DealOutcome(points.Negatives, points.DiedRows, dealt._negatives, firstFold: 0, random);
        // The survivors go on where the victims ended, so that the folds' sizes differ by one row at most.
        DealOutcome(points.Positives, points.SurvivedRows, dealt._positives, firstFold: points.DiedRows % folds, random);
        return dealt;
    }

    public WeightedSamples Testing(int fold) => _points.WithCounts(_negatives[fold], _positives[fold]);

    public WeightedSamples Training(int fold) =>
        _points.WithCounts(Rest(_points.Negatives, _negatives[fold]), Rest(_points.Positives, _positives[fold]));

    /// <summary>SHA-256 of the points and of who stands in which fold: equal for the same folds of the same rows, and for no others.</summary>
    public byte[] Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(_points.Codes));
        foreach (var counts in _negatives.Concat(_positives))
            hash.AppendData(MemoryMarshal.AsBytes(counts.AsSpan()));
        return hash.GetHashAndReset();
    }

    /// <summary>
    /// A multivariate hypergeometric draw per point: of the places that the folds still have, the point's rows take some, blindly. Each
    /// fold's share is drawn given what the folds before it took.
    /// </summary>
    private static void DealOutcome(ReadOnlySpan<int> counts, int rows, int[][] folds, int firstFold, SeededRandom random)
    {
        var places = new int[folds.Length];
        for (var fold = 0; fold < folds.Length; fold++)
            places[(firstFold + fold) % folds.Length] = rows / folds.Length + (fold < rows % folds.Length ? 1 : 0);
        for (var point = 0; point < counts.Length; point++)
        {
            var (left, placesInLaterFolds) = (counts[point], rows);
            for (var fold = 0; fold < folds.Length && left > 0; fold++)
            {
                placesInLaterFolds -= places[fold];
                var taken = Hypergeometric.Draw(left, places[fold], placesInLaterFolds, random);
                folds[fold][point] = taken;
                places[fold] -= taken;
                left -= taken;
            }
            rows -= counts[point];
        }
    }

    private static int[] Rest(ReadOnlySpan<int> all, int[] taken)
    {
        var rest = all.ToArray();
        for (var point = 0; point < rest.Length; point++)
            rest[point] -= taken[point];
        return rest;
    }
}

/// <summary>How many marked rows are among some that are drawn blindly, without putting back.</summary>
internal static class Hypergeometric
{
    /// <summary>Below this share of the whole a draw of 53 random bits cannot tell the rest from nothing.</summary>
    private const double Negligible = 1.0 / (1L << 54);

    /// <summary>
    /// One exact draw (to the rounding of a double) by inversion from the mode outwards. Weights relative to the mode's need only
    /// the four basic operations, which IEEE 754 fixes to the bit: a logarithm could differ between machines, and with it a fold.
    /// Takes a few standard deviations of steps, so the time grows with the square root of <paramref name="draws"/> at most.
    /// </summary>
    /// <param name="draws">How many rows are drawn, 0..marked + unmarked.</param>
    public static int Draw(int draws, int marked, int unmarked, SeededRandom random)
    {
        var (lowest, highest) = (Math.Max(0, draws - unmarked), Math.Min(draws, marked));
        if (lowest == highest)
            return lowest;
        var whole = Walk(draws, marked, unmarked, double.PositiveInfinity, out _);
        Walk(draws, marked, unmarked, random.NextDouble() * whole, out var drawn);
        return drawn;
    }

    /// <summary>Adds up weights, the mode's being 1, until the sum passes <paramref name="target"/> or nothing is left to add.</summary>
    private static double Walk(int draws, int marked, int unmarked, double target, out int place)
    {
        var (lowest, highest) = (Math.Max(0, draws - unmarked), Math.Min(draws, marked));
        var mode = (int)((draws + 1L) * (marked + 1L) / (marked + (long)unmarked + 2));
        var (above, below) = (mode, mode);
        var (upper, lower, sum) = (1.0, 1.0, 1.0);
        place = mode;
        while (sum <= target && (upper > sum * Negligible || lower > sum * Negligible))
        {
            upper = above < highest ? upper * Rise(above++) : 0;
            sum += upper;
            place = above;
            if (sum > target)
                break;
            lower = below > lowest ? lower / Rise(--below) : 0;
            sum += lower;
            place = below;
        }
        return sum;

        // P(x + 1) / P(x)
        double Rise(int x) => ((double)(marked - x) * (draws - x)) / ((x + 1.0) * ((double)unmarked - draws + x + 1));
    }
}
