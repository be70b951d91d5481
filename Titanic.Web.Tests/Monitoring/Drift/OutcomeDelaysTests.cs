using Titanic.Web.Monitoring.Drift;

namespace Titanic.Web.Tests.Monitoring.Drift;

public sealed class OutcomeDelaysTests
{
    /// <summary>p-values of scipy.stats.mannwhitneyu(method="asymptotic", use_continuity=False), SciPy 1.10.1.</summary>
    [Fact]
    public void Agrees_with_SciPy()
    {
        var first = OutcomeDelays.Of([new(0, 5, 1), new(1, 3, 4), new(2, 2, 0), new(5, 0, 2)])!;
        var second = OutcomeDelays.Of([new(0, 2, 0), new(1, 0, 2), new(2, 0, 1), new(3, 1, 0), new(7, 1, 0), new(9, 0, 2), new(12, 0, 1)])!;

        Assert.Equal(0.16162240069521017, first.PValue, 1e-9);
        Assert.Equal((1, 1), (first.MedianDaysDied, first.MedianDaysSurvived));
        Assert.Equal(0.19670560245894686, second.PValue, 1e-9);
    }

    [Fact]
    public void Equal_delays_do_not_differ() => Assert.Equal(new OutcomeDelays(0, 0, 1), OutcomeDelays.Of([new(0, 20, 7), new(0, 3, 4)]));

    [Fact]
    public void A_delay_that_depends_on_the_outcome_is_found() => Assert.InRange(OutcomeDelays.Of([new(0, 0, 20), new(3, 30, 0)])!.PValue, 0, 1e-6);

    [Fact]
    public void There_is_none_for_one_outcome() => Assert.Null(OutcomeDelays.Of([new(0, 0, 20)]));
}
