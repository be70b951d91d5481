namespace Titanic.Web.Training.Evaluation;

internal static class NormalDistribution
{
    /// <summary>z with P(|Z| &gt; z) = <paramref name="significanceLevel"/>: 1.960 for 0.05. By halving.</summary>
    /// <param name="significanceLevel">0.0001..1.</param>
    public static double TwoSidedQuantile(double significanceLevel)
    {
        var (low, high) = (0.0, 4.0);
        while (high - low > 1e-14)
        {
            var middle = (low + high) / 2;
            (low, high) = Within(middle) < 1 - significanceLevel ? (middle, high) : (low, middle);
        }
        return (low + high) / 2;
    }

    /// <summary>P(|Z| &lt;= z), by the series z + z³/3 + z⁵/(3·5) + … times twice the density (Abramowitz and Stegun, 1964, 26.2.11).</summary>
    private static double Within(double z)
    {
        var (sum, term) = (z, z);
        for (var odd = 3; term > 1e-17 * sum; odd += 2)
        {
            term *= z * z / odd;
            sum += term;
        }
        return sum * Math.Sqrt(2 / Math.PI) * Math.Exp(-z * z / 2);
    }
}
