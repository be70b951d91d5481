using Titanic.Web.Monitoring;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Monitoring;

public sealed class PerformanceReaderTests
{
    [Fact]
    public void Has_no_metrics_before_the_first_day()
    {
        var totals = PerformanceReader.Totals([], isLive: true, from: null, to: null);

        Assert.Equal(PerformanceTotals.None, totals);
        Assert.Null(totals.Brier);
        Assert.Empty(PerformanceReader.LiveByDay([], from: null, to: null));
    }

    [Fact]
    public void Daily_weekly_and_cumulative_accuracy_equal_sums_of_the_days()
    {
        // 120 days with gaps, each with 0 to 6 labeled rows.
        List<DailyPerformance> days =
        [
            .. Enumerable.Range(0, 150).Where(day => day % 5 != 3).Select(day => new DailyPerformance
            {
                LogicalDate = new DateOnly(2026, 1, 1).AddDays(day),
                IsLive = true,
                Predictions = 9,
                TrueNegatives = day % 3,
                FalsePositives = day % 2,
                FalseNegatives = day % 4 / 3,
                TruePositives = day % 7 / 5,
                SquaredError = day / 100.0,
            }),
        ];
        var inSample = new DailyPerformance { LogicalDate = new DateOnly(2026, 2, 1), IsLive = false, Predictions = 50, TruePositives = 50, SquaredError = 1 };
        DailyPerformance[] all = [.. days.Append(inSample).OrderBy(day => day.LogicalDate)];

        var totals = PerformanceReader.Totals(all, isLive: true, from: null, to: null);
        var points = PerformanceReader.LiveByDay(all, from: null, to: null);

        Assert.Equal(120, days.Count);
        Assert.Equal(9 * 120, totals.Predictions);
        Assert.Equal(Share(days), totals.Confusion.Accuracy);
        Assert.Equal(days.Sum(day => day.SquaredError) / days.Sum(day => day.Labeled), totals.Brier!.Value, 12);
        Assert.Equal(days.TakeLast(90).Select(day => day.LogicalDate), points.Select(point => point.Day));
        Assert.All(points, point =>
        {
            Assert.Equal(Share(days.Where(day => day.LogicalDate == point.Day)), point.Daily);
            Assert.Equal(Share(days.Where(day => day.LogicalDate <= point.Day && day.LogicalDate.DayNumber >= point.Day.DayNumber - 6)), point.Week);
            Assert.Equal(Share(days.Where(day => day.LogicalDate <= point.Day)), point.Cumulative);
        });
        Assert.Equal(Share(days.TakeLast(40)), PerformanceReader.Totals(all, isLive: true, days[^40].LogicalDate, to: null).Confusion.Accuracy);
        var (from, to) = (days[50].LogicalDate, days[80].LogicalDate);
        Assert.Equal(Share(days[50..81]), PerformanceReader.Totals(all, isLive: true, from, to).Confusion.Accuracy);
        var range = PerformanceReader.LiveByDay(all, from, to);
        Assert.Equal(days[50..81].Select(day => day.LogicalDate), range.Select(point => point.Day));
        Assert.Equal(Share(days[..81]), range[^1].Cumulative);
        Assert.Equal(new ConfusionMatrix(0, 0, 0, 50), PerformanceReader.Totals(all, isLive: false, from: null, to: null).Confusion);
    }

    private static Proportion Share(IEnumerable<DailyPerformance> days)
    {
        var (right, all) = (0, 0);
        foreach (var day in days)
            (right, all) = (right + day.TruePositives + day.TrueNegatives, all + day.TruePositives + day.TrueNegatives + day.FalsePositives + day.FalseNegatives);
        return new Proportion(right, all);
    }
}
