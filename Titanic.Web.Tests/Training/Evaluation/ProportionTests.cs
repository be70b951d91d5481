using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class ProportionTests
{
    // By definition, the ends of the interval are the roots p of (share - p)^2 = z^2 p (1-p) / n.
    [Theory]
    [InlineData(1, 10)]
    [InlineData(5, 10)]
    [InlineData(1050, 1309)]
    public void Interval_ends_solve_Wilsons_equation(int successes, int trials)
    {
        var proportion = new Proportion(successes, trials);
        var interval = proportion.Confidence95!.Value;

        foreach (var end in new[] { interval.Lower, interval.Upper })
        {
            var gap = proportion.Value!.Value - end;
            Assert.Equal(1.959963984540054 * 1.959963984540054 * end * (1 - end) / trials, gap * gap, 1e-12);
        }
        Assert.True(interval.Lower < proportion.Value && proportion.Value < interval.Upper);
    }

    [Fact]
    public void Interval_is_within_0_and_1()
    {
        Assert.Equal(0, new Proportion(0, 5).Confidence95!.Value.Lower, 1e-15);
        Assert.Equal(0.4344825, new Proportion(0, 5).Confidence95!.Value.Upper, 1e-6); // z^2 / (n + z^2)
        Assert.Equal(1, new Proportion(5, 5).Confidence95!.Value.Upper, 1e-15);
    }

    [Fact]
    public void Value_and_interval_are_null_without_trials()
    {
        Assert.Null(new Proportion(0, 0).Value);
        Assert.Null(new Proportion(0, 0).Confidence95);
    }
}
