using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring;

/// <summary>Sums <see cref="DailyPerformance"/>, which has one row per day and live status, however many predictions a day has.</summary>
public static class PerformanceReader
{
    /// <summary>Maximum number of days that <see cref="LiveByDay"/> returns.</summary>
    public const int MaximumDays = 90;

    private const int WeekDays = 7;

    /// <summary>The totals of several days.</summary>
    /// <param name="days">The totals by day.</param>
    /// <param name="isLive">True for live predictions, false for in-sample predictions.</param>
    /// <param name="from">First logical date; null for no limit.</param>
    /// <param name="to">Last logical date; null for no limit.</param>
    public static PerformanceTotals Totals(IEnumerable<DailyPerformance> days, bool isLive, DateOnly? from, DateOnly? to) => days
        .Where(day => day.IsLive == isLive && (from is null || day.LogicalDate >= from) && (to is null || day.LogicalDate <= to))
        .Aggregate(PerformanceTotals.None, (sum, day) => new PerformanceTotals(
            sum.Predictions + day.Predictions,
            new ConfusionMatrix(
                sum.Confusion.TrueNegatives + day.TrueNegatives, sum.Confusion.FalsePositives + day.FalsePositives,
                sum.Confusion.FalseNegatives + day.FalseNegatives, sum.Confusion.TruePositives + day.TruePositives),
            sum.SquaredError + day.SquaredError));

    /// <summary>The newest days with live predictions, oldest first.</summary>
    /// <param name="days">The totals of all days up to the last one, oldest first.</param>
    /// <param name="from">First logical date; null for no limit.</param>
    /// <param name="to">Last logical date; null for no limit.</param>
    public static IReadOnlyList<PerformancePoint> LiveByDay(IEnumerable<DailyPerformance> days, DateOnly? from, DateOnly? to)
    {
        var (correct, labeled) = (0, 0);
        var week = new Queue<DailyPerformance>();
        var points = new List<PerformancePoint>();
        foreach (var day in days.Where(day => day.IsLive && (to is null || day.LogicalDate <= to)))
        {
            (correct, labeled) = (correct + day.Correct, labeled + day.Labeled);
            week.Enqueue(day);
            while (week.Peek().LogicalDate <= day.LogicalDate.AddDays(-WeekDays))
                week.Dequeue();
            points.Add(new PerformancePoint(
                day.LogicalDate, day.Predictions, new Proportion(day.Correct, day.Labeled),
                new Proportion(week.Sum(of => of.Correct), week.Sum(of => of.Labeled)), new Proportion(correct, labeled)));
        }
        return [.. points.TakeLast(MaximumDays).Where(point => from is null || point.Day >= from)];
    }
}

/// <summary>Batch predictions compared with the outcomes, over all days.</summary>
/// <param name="Predictions">Number of predictions, including those without a known outcome.</param>
/// <param name="Confusion">The predictions with a known outcome.</param>
/// <param name="SquaredError">Sum of (probability − outcome)² over the predictions with a known outcome.</param>
public sealed record PerformanceTotals(int Predictions, ConfusionMatrix Confusion, double SquaredError)
{
    public static PerformanceTotals None { get; } = new(0, new ConfusionMatrix(0, 0, 0, 0), 0);

    /// <summary>Number of predictions with a known outcome.</summary>
    public int Labeled => Confusion.Rows;

    /// <summary>Brier score: mean squared error of the probability, 0 (best) to 1; null without known outcomes.</summary>
    public double? Brier => Labeled == 0 ? null : SquaredError / Labeled;
}

/// <summary>Realized accuracy: of one day, of the seven days that end with it, and of all days up to it.</summary>
public sealed record PerformancePoint(DateOnly Day, int Predictions, Proportion Daily, Proportion Week, Proportion Cumulative);
