using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring;

/// <summary>Sums <see cref="DailyPerformance"/>, which has one row per day, however many predictions a day has.</summary>
public sealed class PerformanceReader(TitanicDb db)
{
    /// <summary>Maximum number of days that <see cref="LiveByDay"/> returns.</summary>
    public const int MaximumDays = 90;

    private const int WeekDays = 7;

    /// <summary>The totals of several days.</summary>
    /// <param name="isLive">True for live predictions, false for in-sample predictions.</param>
    /// <param name="from">First logical date; null for no limit.</param>
    /// <param name="to">Last logical date; null for no limit.</param>
    public async Task<PerformanceTotals> Totals(bool isLive, DateOnly? from, DateOnly? to, CancellationToken cancellation) => await db.DailyPerformance
        .Where(day => day.IsLive == isLive && (from == null || day.LogicalDate >= from) && (to == null || day.LogicalDate <= to))
        .GroupBy(day => day.IsLive)
        .Select(days => new PerformanceTotals(
            days.Sum(day => day.Predictions),
            new ConfusionMatrix(
                days.Sum(day => day.TrueNegatives), days.Sum(day => day.FalsePositives),
                days.Sum(day => day.FalseNegatives), days.Sum(day => day.TruePositives)),
            days.Sum(day => day.SquaredError)))
        .SingleOrDefaultAsync(cancellation) ?? PerformanceTotals.None;

    /// <summary>The newest days with live predictions, oldest first.</summary>
    /// <param name="from">First logical date; null for no limit.</param>
    /// <param name="to">Last logical date; null for no limit.</param>
    public async Task<IReadOnlyList<PerformancePoint>> LiveByDay(DateOnly? from, DateOnly? to, CancellationToken cancellation)
    {
        var totals = await Totals(isLive: true, from: null, to, cancellation);
        // The weekly values of the first returned days require the six days before, which are read but not returned.
        var days = await db.DailyPerformance.AsNoTracking()
            .Where(day => day.IsLive && (to == null || day.LogicalDate <= to))
            .OrderByDescending(day => day.LogicalDate)
            .Take(MaximumDays + WeekDays - 1)
            .ToListAsync(cancellation);
        days.Reverse();

        var (right, labelled) = (totals.Confusion.Accuracy.Successes - days.Sum(day => day.Correct), totals.Labeled - days.Sum(day => day.Labeled));
        var points = new List<PerformancePoint>(days.Count);
        foreach (var day in days)
        {
            (right, labelled) = (right + day.Correct, labelled + day.Labeled);
            points.Add(new PerformancePoint(
                day.LogicalDate, day.Predictions, new Proportion(day.Correct, day.Labeled), Week(days, day.LogicalDate), new Proportion(right, labelled)));
        }
        return [.. points.TakeLast(MaximumDays).Where(point => from is null || point.Day >= from)];
    }

    private static Proportion Week(List<DailyPerformance> days, DateOnly last)
    {
        var week = days.Where(day => day.LogicalDate <= last && day.LogicalDate > last.AddDays(-WeekDays)).ToList();
        return new Proportion(week.Sum(day => day.Correct), week.Sum(day => day.Labeled));
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
