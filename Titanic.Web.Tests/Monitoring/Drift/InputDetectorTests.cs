using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Monitoring.Drift;

public sealed class InputDetectorTests
{
    private static readonly double Threshold = InputDetector.LogThreshold(new DriftOptions(), features: 1);

    [Fact]
    public void Raises_few_false_alarms_although_the_reference_is_small()
    {
        // 40 training rows of the same distribution as 1,800 new rows: comparing shares with the training rows would find a difference.
        // The guarantee is 5%; the standard error of 1,000 quarters is 0.7%.
        var alarms = Enumerable.Range(0, 1_000).Count(seed =>
        {
            var random = new SeededRandom((ulong)seed);
            var reference = new long[3];
            foreach (var category in Draw(random, 40, 0.25, 0.21))
                reference[category]++;
            return AlarmDay(new InputDetector(reference), random, days: 90, rows: 20, 0.25, 0.21) is not null;
        });

        Assert.InRange(alarms / 1_000.0, 0, 0.05 + (3 * 0.007));
    }

    [Fact]
    public void Finds_a_change_of_the_shares_and_its_day()
    {
        var random = new SeededRandom(1);
        var detector = new InputDetector([327, 279, 713]);

        Assert.Null(AlarmDay(detector, random, days: 14, rows: 10, 0.25, 0.21));
        Assert.InRange(AlarmDay(detector, random, days: 15, rows: 10, 0.5, 0.3)!.Value, 1, 12);
        Assert.InRange(detector.LikeliestChange, 7, 15); // an estimate: the day itself has the index 14
    }

    [Fact]
    public void A_constant_feature_raises_no_alarm() =>
        Assert.Null(AlarmDay(new InputDetector([500, 0, 0]), new SeededRandom(1), days: 90, rows: 10, 1, 0));

    [Fact]
    public void A_category_without_training_rows_raises_an_alarm() =>
        Assert.InRange(AlarmDay(new InputDetector([500, 500, 0]), new SeededRandom(1), days: 20, rows: 10, 0.3, 0.3)!.Value, 1, 8);

    [Fact]
    public void A_vanished_category_raises_an_alarm() =>
        Assert.InRange(AlarmDay(new InputDetector([500, 300, 200]), new SeededRandom(1), days: 30, rows: 10, 0.63, 0.37)!.Value, 1, 30);

    [Fact]
    public void A_detector_that_is_continued_has_the_same_bits()
    {
        var whole = new InputDetector([30, 20, 50]);
        var (wholeRandom, partRandom) = (new SeededRandom(5), new SeededRandom(5));
        var (seen, bins) = (new long[3], new List<int[]>());
        foreach (var categories in (int[][])[[0, 1, 2, 2], [2, 2], [0, 0, 1]])
        {
            whole.Add(categories, wholeRandom);
            var part = new InputDetector([30, 20, 50], seen, bins);
            bins.Add(part.Add(categories, partRandom));
            foreach (var category in categories)
                seen[category]++;
            Assert.Equal(whole.LogValue, part.LogValue);
        }
    }

    [Fact]
    public void A_look_without_rows_changes_nothing()
    {
        var detector = new InputDetector([1, 1]);

        Assert.Equal([0, 0], detector.Add([], new SeededRandom(1)));
        Assert.Equal(double.NegativeInfinity, detector.LogValue);
        Assert.Equal(-1, detector.LikeliestChange);
    }

    [Fact]
    public void A_reference_without_rows_is_rejected() => Assert.Throws<ArgumentOutOfRangeException>(() => new InputDetector([0, 0]));

    private static int? AlarmDay(InputDetector detector, SeededRandom random, int days, int rows, double first, double second)
    {
        for (var day = 1; day <= days; day++)
        {
            detector.Add(Draw(random, rows, first, second), random);
            if (detector.LogValue >= Threshold)
                return day;
        }
        return null;
    }

    private static int[] Draw(SeededRandom random, int rows, double first, double second) => [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() switch
    {
        var u when u < first => 0,
        var u when u < first + second => 1,
        _ => 2,
    })];
}
