using Titanic.Web.Passengers;

namespace Titanic.Web.Training.Evaluation;

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
