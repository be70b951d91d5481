using Titanic.Web.Monitoring.Drift;

namespace Titanic.Web.Tests.Monitoring.Drift;

public sealed class EffectSizesTests
{
    /// <summary>
    /// scipy.spatial.distance.jensenshannon of the shares and scipy.stats.wasserstein_distance of the category numbers with the shares as
    /// weights, SciPy 1.10.1.
    /// </summary>
    [Theory]
    [InlineData(new long[] { 327, 279, 713 }, new long[] { 76, 57, 27 }, 0.2805509589473453, 0.5988959438968916)]
    [InlineData(new long[] { 10, 0, 5, 5 }, new long[] { 0, 3, 3, 1 }, 0.5840415352634611, 0.6785714285714285)]
    [InlineData(new long[] { 4, 4 }, new long[] { 2, 2 }, 0, 0)]
    public void Agrees_with_SciPy(long[] reference, long[] current, double jensenShannon, double wasserstein)
    {
        var effect = EffectSizes.Of(reference, current)!;

        Assert.Equal(jensenShannon, effect.JensenShannonDistance, 1e-9);
        Assert.Equal(wasserstein, effect.WassersteinDistance, 1e-9);
    }

    [Fact]
    public void The_population_stability_index_is_the_sum_over_the_categories() =>
        Assert.Equal((0.75 - 0.5) * Math.Log(0.75 / 0.5) + ((0.25 - 0.5) * Math.Log(0.25 / 0.5)), EffectSizes.Of([5, 5], [3, 1])!.PopulationStabilityIndex, 1e-12);

    [Fact]
    public void There_is_none_without_new_rows() => Assert.Null(EffectSizes.Of([5, 5], [0, 0]));
}
