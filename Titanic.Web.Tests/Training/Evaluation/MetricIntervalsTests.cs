using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class MetricIntervalsTests
{
    private static readonly ScoredRow[] Rows = [new(0.2, false, false, 60), new(0.7, true, false, 10), new(0.2, false, true, 12), new(0.7, true, true, 30)];

    [Fact]
    public void Brier_score_has_a_normal_interval()
    {
        // Squared errors: 60 x 0.04, 10 x 0.49, 12 x 0.64, 30 x 0.09.
        var mean = (60 * 0.04 + 10 * 0.49 + 12 * 0.64 + 30 * 0.09) / 112;
        var variance = (60 * Math.Pow(0.04 - mean, 2) + 10 * Math.Pow(0.49 - mean, 2) + 12 * Math.Pow(0.64 - mean, 2) + 30 * Math.Pow(0.09 - mean, 2)) / 111;

        var brier = MetricIntervals.Of(Rows).Brier!.Value;

        Assert.Equal(mean - 1.959963984540054 * Math.Sqrt(variance / 112), brier.Lower, 1e-14);
        Assert.Equal(mean + 1.959963984540054 * Math.Sqrt(variance / 112), brier.Upper, 1e-14);
    }

    [Fact]
    public void F1_interval_is_the_transformed_Jaccard_interval()
    {
        var jaccard = new Proportion(30, 30 + 10 + 12).Confidence95!.Value;

        var f1 = MetricIntervals.Of(Rows).F1!.Value;

        Assert.Equal(2 * jaccard.Lower / (1 + jaccard.Lower), f1.Lower, 1e-15);
        Assert.Equal(2 * jaccard.Upper / (1 + jaccard.Upper), f1.Upper, 1e-15);
    }

    [Fact]
    public void Every_interval_contains_its_metric()
    {
        var (metrics, intervals) = (Metrics.Of(Rows), MetricIntervals.Of(Rows));

        Assert.All(
            new[]
            {
                (metrics.BalancedAccuracy, intervals.BalancedAccuracy), (metrics.F1, intervals.F1), (metrics.RocAuc, intervals.RocAuc),
                (metrics.AveragePrecision, intervals.AveragePrecision), (metrics.LogLoss, intervals.LogLoss), (metrics.Brier, intervals.Brier),
                (metrics.CalibrationError, intervals.CalibrationError),
            },
            pair => Assert.InRange(pair.Item1!.Value, pair.Item2!.Value.Lower, pair.Item2!.Value.Upper));
    }

    /// <summary>
    /// Coverage: of 400 samples from a population with known metrics, about 95% of the intervals must contain the true value. The
    /// population has six equally frequent predicted probabilities with known survival rates; the true values are computed from 600,000
    /// rows without randomness.
    /// </summary>
    [Fact]
    public void Intervals_cover_the_true_value_in_95_percent_of_samples()
    {
        (double Predicted, double True)[] strata = [(0.1, 0.05), (0.25, 0.15), (0.4, 0.3), (0.6, 0.5), (0.75, 0.7), (0.95, 0.9)];
        var population = strata.SelectMany(stratum => (ScoredRow[])
        [
            new(stratum.Predicted, stratum.Predicted > 0.5, true, (int)Math.Round(100_000 * stratum.True)),
            new(stratum.Predicted, stratum.Predicted > 0.5, false, (int)Math.Round(100_000 * (1 - stratum.True))),
        ]).ToArray();
        var expected = Metrics.Of(population);
        var random = new SeededRandom(1912);
        var covered = new int[7];
        const int samples = 400;
        for (var sample = 0; sample < samples; sample++)
        {
            var intervals = MetricIntervals.Of([.. Enumerable.Range(0, 300).Select(_ =>
            {
                var stratum = strata[random.Next(6)];
                return new ScoredRow(stratum.Predicted, stratum.Predicted > 0.5, random.NextDouble() < stratum.True);
            })]);
            Count(0, intervals.BalancedAccuracy, expected.BalancedAccuracy);
            Count(1, intervals.F1, expected.F1);
            Count(2, intervals.RocAuc, expected.RocAuc);
            Count(3, intervals.AveragePrecision, expected.AveragePrecision);
            Count(4, intervals.LogLoss, expected.LogLoss);
            Count(5, intervals.Brier, expected.Brier);
            Count(6, intervals.CalibrationError, expected.CalibrationError);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(' ', covered));
        Assert.All(covered, count => Assert.InRange(count / (double)samples, 0.9, 1)); // four standard errors of 95% are 4.4%

        void Count(int metric, Interval? interval, double? value) => covered[metric] += interval!.Value.Lower <= value && value <= interval.Value.Upper ? 1 : 0;
    }

    [Fact]
    public void Undefined_metrics_have_no_interval() =>
        Assert.Equal(new MetricIntervals(null, null, null, null, null, null, null), MetricIntervals.Of([]));
}
