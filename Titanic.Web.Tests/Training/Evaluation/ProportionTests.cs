using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class ProportionTests
{
    // The interval's ends are the roots p of (share - p)^2 = z^2 p (1-p) / n: that is its definition.
    [Theory]
    [InlineData(1, 10)]
    [InlineData(5, 10)]
    [InlineData(1050, 1309)]
    public void The_ends_of_the_interval_solve_wilsons_equation(int successes, int trials)
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
    public void It_stays_within_zero_and_one()
    {
        Assert.Equal(0, new Proportion(0, 5).Confidence95!.Value.Lower, 1e-15);
        Assert.Equal(0.4344825, new Proportion(0, 5).Confidence95!.Value.Upper, 1e-6); // z^2 / (n + z^2)
        Assert.Equal(1, new Proportion(5, 5).Confidence95!.Value.Upper, 1e-15);
    }

    [Fact]
    public void Nothing_tried_has_no_share()
    {
        Assert.Null(new Proportion(0, 0).Value);
        Assert.Null(new Proportion(0, 0).Confidence95);
    }
}
