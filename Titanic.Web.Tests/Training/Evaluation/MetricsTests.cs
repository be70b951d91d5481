using System.Text.Json;
using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class MetricsTests
{
    [Fact]
    public void Metrics_of_four_rows_by_hand()
    {
        ScoredRow[] rows = [new(0.1, false, false), new(0.4, false, false), new(0.35, false, true), new(0.8, true, true)];

        var metrics = Metrics.Of(rows);

        Assert.Equal(4, metrics.Rows);
        Assert.Equal(0.75, metrics.RocAuc); // of 4 pairs only (0.35, 0.4) is misordered
        Assert.Equal((0.01 + 0.16 + 0.4225 + 0.04) / 4, metrics.Brier!.Value, 1e-15);
        Assert.Equal(-(Math.Log(0.9) + Math.Log(0.6) + Math.Log(0.35) + Math.Log(0.8)) / 4, metrics.LogLoss!.Value, 1e-15);
        Assert.Equal((0.1 + 0.25 + 0.2) / 4, metrics.CalibrationError!.Value, 1e-15); // 0.35 and 0.4 share a bin: predictions 0.75, outcomes 1 in total
    }

    [Fact]
    public void Gaps_cancel_within_a_calibration_bin()
    {
        ScoredRow[] rows = [new(0.52, true, true), new(0.58, true, false), new(1, true, true), new(0.95, true, true)];

        Assert.Equal((0.1 + 0.05) / 4, Metrics.Of(rows).CalibrationError!.Value, 1e-15);
    }

    [Fact]
    public void Equal_probabilities_have_a_ROC_AUC_of_one_half() =>
        Assert.Equal(0.5, Metrics.Of([new(0.3, false, true, 7), new(0.3, false, false, 2)]).RocAuc);

    [Fact]
    public void Log_loss_of_a_certain_error_is_finite() =>
        Assert.Equal(52 * Math.Log(2), Metrics.Of([new(0, false, true)]).LogLoss!.Value, 1e-12);

    [Fact]
    public void Undefined_metrics_are_null_if_one_class_is_missing()
    {
        var metrics = Metrics.Of([new(0.2, false, false, 3)]);

        Assert.Null(metrics.RocAuc);
        Assert.Null(metrics.Precision.Value);
        Assert.Equal(0.04, metrics.Brier!.Value, 1e-15);
    }

    [Fact]
    public void All_metrics_are_null_without_rows() =>
        Assert.Equal(new Metrics(new ConfusionMatrix(0, 0, 0, 0), null, null, null, null), Metrics.Of([]));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(1.1)]
    public void Rejects_an_invalid_probability(double probability) =>
        Assert.Throws<ArgumentException>(() => Metrics.Of([new(probability, true, true)]));

    [Fact]
    public void Weighted_rows_have_the_metrics_of_repeated_rows()
    {
        var random = new SeededRandom(4);
        for (var round = 0; round < 200; round++)
        {
            ScoredRow[] weighted = [.. Enumerable.Range(0, 2 + random.Next(20)).Select(_ => new ScoredRow(
                random.Next(12) / 11.0, random.Next(2) == 1, random.Next(2) == 1, 1 + random.Next(4)))];
            var single = weighted.SelectMany(row => Enumerable.Repeat(row with { Rows = 1 }, row.Rows)).ToArray();
            var metrics = Metrics.Of(weighted);

            Assert.Equal(single.Length, metrics.Rows);
            Assert.Equal(single.Count(row => row.Predicted == row.Actual), metrics.Accuracy.Successes);
            Assert.Equal(AreaByPairs(single) ?? -1, metrics.RocAuc ?? -1, 1e-12);
            Assert.Equal(single.Average(row => Math.Pow(row.Probability - (row.Actual ? 1 : 0), 2)), metrics.Brier!.Value, 1e-12);
            Assert.Equal(
                single.Average(row => -Math.Log(Math.Max(1e-300 + Math.Pow(2, -52), row.Actual ? row.Probability : 1 - row.Probability))),
                metrics.LogLoss!.Value, 1e-9);
            Assert.Equal(CalibrationErrorBinByBin(single), metrics.CalibrationError!.Value, 1e-12);
        }
    }

    [Fact]
    public void Round_trips_through_JSON()
    {
        var metrics = Metrics.Of([new(0.2, false, false, 3), new(0.7, true, true, 2), new(0.6, true, false)]);

        Assert.Equal(metrics, JsonSerializer.Deserialize<Metrics>(JsonSerializer.Serialize(metrics)));
    }

    private static double? AreaByPairs(ScoredRow[] rows)
    {
        var pairs = from survivor in rows
                    where survivor.Actual
                    from victim in rows
                    where !victim.Actual
                    select survivor.Probability > victim.Probability ? 1 : survivor.Probability == victim.Probability ? 0.5 : 0;
        return pairs.Any() ? pairs.Average() : null;
    }

    private static double CalibrationErrorBinByBin(ScoredRow[] rows)
    {
        var sum = 0.0;
        for (var bin = 0; bin < 10; bin++)
        {
            var within = rows.Where(row => (row.Probability > bin / 10.0 || bin == 0) && row.Probability <= (bin + 1) / 10.0).ToArray();
            if (within.Length > 0)
                sum += within.Length * Math.Abs(within.Average(row => row.Probability) - within.Average(row => row.Actual ? 1.0 : 0));
        }
        return sum / rows.Length;
    }
}
