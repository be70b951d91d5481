namespace Titanic.Web.Monitoring.Drift;

/// <summary>
/// How much the shares of the categories differ from those of the training rows. They describe a difference; none of them decides about an
/// alarm, because their size without drift depends on the number of rows.
/// </summary>
/// <param name="PopulationStabilityIndex">
/// Σ (p - q) ln(p/q), at least 0; shares below 0.0001 count as 0.0001. Also called symmetrized Kullback-Leibler divergence.
/// </param>
/// <param name="JensenShannonDistance">
/// Square root of the Jensen-Shannon divergence with natural logarithms, 0 to √ln 2 = 0.833, as <c>scipy.spatial.distance.jensenshannon</c>.
/// </param>
/// <param name="WassersteinDistance">
/// Mean number of categories that the values moved, at least 0: Σ |F(c) - G(c)| of the distribution functions, as
/// <c>scipy.stats.wasserstein_distance</c> of the category numbers. Meaningful for ordered categories.
/// </param>
public sealed record EffectSizes(double PopulationStabilityIndex, double JensenShannonDistance, double WassersteinDistance)
{
    private const double LeastShare = 0.0001;

    /// <summary>Compares two distributions over the same categories.</summary>
    /// <param name="reference">Training rows by category, at least one row.</param>
    /// <param name="current">New rows by category.</param>
    /// <returns>Null without new rows.</returns>
    public static EffectSizes? Of(IReadOnlyList<long> reference, IReadOnlyList<long> current)
    {
        double referenceRows = reference.Sum(), currentRows = current.Sum();
        if (currentRows == 0)
            return null;
        double psi = 0, divergence = 0, distance = 0, moved = 0;
        for (var category = 0; category < reference.Count; category++)
        {
            var (q, p) = (reference[category] / referenceRows, current[category] / currentRows);
            psi += (Math.Max(p, LeastShare) - Math.Max(q, LeastShare)) * Math.Log(Math.Max(p, LeastShare) / Math.Max(q, LeastShare));
            divergence += (RelativeEntropy(p, (p + q) / 2) + RelativeEntropy(q, (p + q) / 2)) / 2;
            distance += Math.Abs(moved += p - q);
        }
        return new(psi, Math.Sqrt(Math.Max(0, divergence)), distance);
    }

    private static double RelativeEntropy(double p, double q) => p == 0 ? 0 : p * Math.Log(p / q);
}
