using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Monitoring.Drift;

public sealed class AccuracyDetectorTests
{
    private static readonly DriftOptions Options = new();

    /// <summary>Values of scipy.stats.beta.ppf(0.01, correct, rows - correct + 1), SciPy 1.10.1.</summary>
    [Theory]
    [InlineData(1049, 1309, 0.7744390418049302)]
    [InlineData(3, 4, 0.14086754269454596)]
    [InlineData(10, 10, 0.6309573444801932)]
    public void The_baseline_is_the_lower_Clopper_Pearson_bound(int correct, int rows, double expected) =>
        Assert.Equal(expected, AccuracyDetector.BaselineOf(new Proportion(correct, rows)), 1e-9);

    [Fact]
    public void The_baseline_without_a_correct_row_is_zero() => Assert.Equal(0, AccuracyDetector.BaselineOf(new Proportion(0, 10)));

    [Fact]
    public void The_e_value_of_a_row_has_the_expectation_1_at_the_baseline_and_less_above_it()
    {
        foreach (var (accuracy, isBaseline) in (ReadOnlySpan<(double, bool)>)[(0.77, true), (0.8, false), (0.95, false)])
        {
            var statistics = ((int[])[1, 0]).Select(correct =>
            {
                var detector = new AccuracyDetector(0.77, Options);
                detector.Add(correct, 1);
                return detector.LogStatistics;
            }).ToArray();
            for (var alternative = 0; alternative < statistics[0].Count; alternative++)
            {
                var expectation = (accuracy * Math.Exp(statistics[0][alternative])) + ((1 - accuracy) * Math.Exp(statistics[1][alternative]));
                if (isBaseline)
                    Assert.Equal(1, expectation, 1e-12);
                else
                    Assert.InRange(expectation, 0, 1);
            }
        }
    }

    [Fact]
    public void Raises_few_false_alarms_where_they_are_most_frequent()
    {
        // At the baseline itself. The guarantee is T/(T/(α - 0.01)) = 4%; the standard error of 2,000 quarters is 0.44%.
        var alarms = Enumerable.Range(0, 2_000).Count(seed =>
        {
            var (random, detector) = (new SeededRandom((ulong)seed), new AccuracyDetector(0.77, Options));
            return Enumerable.Range(0, Options.HorizonDays).Any(_ =>
            {
                detector.Add(Enumerable.Range(0, 10).Count(_ => random.NextDouble() < 0.77), 10);
                return detector.IsAlarm;
            });
        });

        Assert.InRange(alarms / 2_000.0, 0, 0.04 + (3 * 0.0044));
    }

    [Fact]
    public void Finds_a_fall_to_18_percent_within_three_days()
    {
        var detector = new AccuracyDetector(0.77, Options);
        for (var day = 0; day < 3; day++)
            detector.Add(2, 10);

        Assert.True(detector.IsAlarm);
    }

    [Fact]
    public void A_detector_that_is_continued_has_the_same_bits()
    {
        var whole = new AccuracyDetector(0.77, Options);
        var part = new AccuracyDetector(0.77, Options);
        foreach (var correct in (ReadOnlySpan<int>)[7, 3, 9, 0, 10])
        {
            whole.Add(correct, 10);
            part = new AccuracyDetector(0.77, Options, [.. part.LogStatistics]);
            part.Add(correct, 10);
        }

        Assert.Equal(whole.LogStatistics, part.LogStatistics);
        Assert.Equal(whole.LogValue, part.LogValue);
    }

    [Fact]
    public void A_look_without_outcomes_changes_nothing()
    {
        var detector = new AccuracyDetector(0.77, Options);
        detector.Add(0, 0);

        Assert.Equal(double.NegativeInfinity, detector.LogValue);
        Assert.False(detector.IsAlarm);
    }

    [Fact]
    public void Rejects_statistics_of_other_alternatives() =>
        Assert.Throws<ArgumentException>(() => new AccuracyDetector(0.77, Options, [0.5]));

    [Fact]
    public void A_baseline_below_all_falls_has_an_alternative_nevertheless()
    {
        var detector = new AccuracyDetector(0.04, Options);
        detector.Add(0, 1_000);

        Assert.True(detector.IsAlarm);
    }

    [Fact]
    public void The_power_grows_with_the_fall_and_the_volume_and_is_deterministic()
    {
        var heldOut = new Proportion(1049, 1309);
        var (small, large, many) = (DetectionPower.Of(heldOut, Options, 10, 0.7), DetectionPower.Of(heldOut, Options, 10, 0.6), DetectionPower.Of(heldOut, Options, 100.5, 0.7));

        Assert.Equal(small, DetectionPower.Of(heldOut, Options, 10, 0.7));
        Assert.True(large.MedianDays < small.MedianDays);
        Assert.True(many.Days95 < small.MedianDays);
        Assert.InRange(small.FoundShare, 0.7, 0.999);
    }
}
