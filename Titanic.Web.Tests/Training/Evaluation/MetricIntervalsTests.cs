using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class MetricIntervalsTests
{
    private static readonly ScoredRow[] Rows = [new(0.2, false, false, 60), new(0.7, true, false, 10), new(0.2, false, true, 12), new(0.7, true, true, 30)];

    [Fact]
    public void Means_of_losses_have_the_normal_interval()
    {
        // Squared errors: 60 x 0.04, 10 x 0.49, 12 x 0.64, 30 x 0.09.
        var mean = (60 * 0.04 + 10 * 0.49 + 12 * 0.64 + 30 * 0.09) / 112;
        var variance = (60 * Math.Pow(0.04 - mean, 2) + 10 * Math.Pow(0.49 - mean, 2) + 12 * Math.Pow(0.64 - mean, 2) + 30 * Math.Pow(0.09 - mean, 2)) / 111;

        var brier = MetricIntervals.Of(Rows).Brier!.Value;

        Assert.Equal(mean - 1.959963984540054 * Math.Sqrt(variance / 112), brier.Lower, 1e-14);
        Assert.Equal(mean + 1.959963984540054 * Math.Sqrt(variance / 112), brier.Upper, 1e-14);
    }

    [Fact]
    public void F1_has_the_interval_of_the_share_that_it_is_made_of()
    {
        var found = new Proportion(30, 30 + 10 + 12).Confidence95!.Value;

        var f1 = MetricIntervals.Of(Rows).F1!.Value;

        Assert.Equal(2 * found.Lower / (1 + found.Lower), f1.Lower, 1e-15);
        Assert.Equal(2 * found.Upper / (1 + found.Upper), f1.Upper, 1e-15);
    }

    [Fact]
    public void Every_interval_holds_its_figure()
    {
        var (metrics, intervals) = (Metrics.Of(Rows), MetricIntervals.Of(Rows));

        Assert.All(
            new[]
            {
                (metrics.BalancedAccuracy, intervals.BalancedAccuracy), (metrics.F1, intervals.F1), (metrics.RocAuc, intervals.RocAuc),
                (metrics.AveragePrecision, intervals.AveragePrecision), (metrics.LogLoss, intervals.LogLoss), (metrics.Brier, intervals.Brier),
                (metrics.CalibrationError, intervals.CalibrationError),
            },
            figure => Assert.InRange(figure.Item1!.Value, figure.Item2!.Value.Lower, figure.Item2!.Value.Upper));
    }

    /// <summary>
    /// What an interval is for: of 400 samples from a population whose figures are known, about 95 % must hold them. Six probabilities with
    /// their true shares of survivors, each a sixth of the population; the truth is that of 600,000 rows without chance.
    /// </summary>
    [Fact]
    public void Ninety_five_of_a_hundred_intervals_hold_the_truth()
    {
        (double Predicted, double True)[] kinds = [(0.1, 0.05), (0.25, 0.15), (0.4, 0.3), (0.6, 0.5), (0.75, 0.7), (0.95, 0.9)];
        var population = kinds.SelectMany(kind => (ScoredRow[])
        [
            new(kind.Predicted, kind.Predicted > 0.5, true, (int)Math.Round(100_000 * kind.True)),
            new(kind.Predicted, kind.Predicted > 0.5, false, (int)Math.Round(100_000 * (1 - kind.True))),
        ]).ToArray();
        var truth = Metrics.Of(population);
        var random = new SeededRandom(1912);
        var held = new int[7];
        const int samples = 400;
        for (var sample = 0; sample < samples; sample++)
        {
            var intervals = MetricIntervals.Of([.. Enumerable.Range(0, 300).Select(_ =>
            {
                var kind = kinds[random.Next(6)];
                return new ScoredRow(kind.Predicted, kind.Predicted > 0.5, random.NextDouble() < kind.True);
            })]);
            Count(0, intervals.BalancedAccuracy, truth.BalancedAccuracy);
            Count(1, intervals.F1, truth.F1);
            Count(2, intervals.RocAuc, truth.RocAuc);
            Count(3, intervals.AveragePrecision, truth.AveragePrecision);
            Count(4, intervals.LogLoss, truth.LogLoss);
            Count(5, intervals.Brier, truth.Brier);
            Count(6, intervals.CalibrationError, truth.CalibrationError);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(' ', held));
        Assert.All(held, count => Assert.InRange(count / (double)samples, 0.9, 1)); // four standard errors of 95 % are 4.4 %

        void Count(int figure, Interval? interval, double? value) => held[figure] += interval!.Value.Lower <= value && value <= interval.Value.Upper ? 1 : 0;
    }

    [Fact]
    public void What_has_no_figure_has_no_interval() =>
        Assert.Equal(new MetricIntervals(null, null, null, null, null, null, null), MetricIntervals.Of([]));
}
