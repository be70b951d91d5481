using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring;

/// <summary>Adds up <see cref="DailyPerformance"/>: one row per day is read, however many predictions a day has.</summary>
public sealed class PerformanceReader(TitanicDb db)
{
    /// <summary>How many of the newest days <see cref="LiveByDay"/> gives.</summary>
    public const int MostDays = 90;

    private const int WeekDays = 7;

    /// <param name="isLive">True: passengers that the model had not learned. False: those that it had, which flatter it.</param>
    public async Task<PerformanceTotals> Totals(bool isLive, CancellationToken cancellation) => await db.DailyPerformance
        .Where(day => day.IsLive == isLive)
        .GroupBy(day => day.IsLive)
        .Select(days => new PerformanceTotals(
            days.Sum(day => day.Predictions),
            new ConfusionMatrix(
                days.Sum(day => day.TrueNegatives), days.Sum(day => day.FalsePositives),
                days.Sum(day => day.FalseNegatives), days.Sum(day => day.TruePositives)),
            days.Sum(day => day.SquaredError)))
        .SingleOrDefaultAsync(cancellation) ?? PerformanceTotals.None;

    /// <summary>The newest days with live predictions, oldest first.</summary>
    /// <param name="totals">All live days: what the cumulative figures end with.</param>
    public async Task<IReadOnlyList<PerformancePoint>> LiveByDay(PerformanceTotals totals, CancellationToken cancellation)
    {
        // The first days shown need the days of their week, which are read too but not shown.
        var days = await db.DailyPerformance.AsNoTracking()
            .Where(day => day.IsLive)
            .OrderByDescending(day => day.LogicalDate)
            .Take(MostDays + WeekDays - 1)
            .ToListAsync(cancellation);
        days.Reverse();

        var (right, labelled) = (totals.Confusion.Accuracy.Successes - days.Sum(day => day.Right), totals.Labelled - days.Sum(day => day.Labelled));
        var points = new List<PerformancePoint>(days.Count);
        foreach (var day in days)
        {
            (right, labelled) = (right + day.Right, labelled + day.Labelled);
            points.Add(new PerformancePoint(
                day.LogicalDate, day.Predictions, new Proportion(day.Right, day.Labelled), Week(days, day.LogicalDate), new Proportion(right, labelled)));
        }
        return points[Math.Max(0, points.Count - MostDays)..];
    }

    private static Proportion Week(List<DailyPerformance> days, DateOnly last)
    {
        var week = days.Where(day => day.LogicalDate <= last && day.LogicalDate > last.AddDays(-WeekDays)).ToList();
        return new Proportion(week.Sum(day => day.Right), week.Sum(day => day.Labelled));
    }
}

/// <summary>Batch predictions held against what happened, over all days.</summary>
/// <param name="Predictions">Those without a known outcome included.</param>
/// <param name="Confusion">Those with a known outcome.</param>
/// <param name="SquaredError">Sum of (probability - outcome)² over those with a known outcome.</param>
public sealed record PerformanceTotals(int Predictions, ConfusionMatrix Confusion, double SquaredError)
{
    public static PerformanceTotals None { get; } = new(0, new ConfusionMatrix(0, 0, 0, 0), 0);

    public int Labelled => Confusion.Rows;

    /// <summary>Mean squared error of the probability, 0 (perfect) to 1; null while no outcome is known.</summary>
    public double? Brier => Labelled == 0 ? null : SquaredError / Labelled;
}

/// <summary>Right answers among those with a known outcome: of one day, of the seven days that end with it, of all days until it.</summary>
public sealed record PerformancePoint(DateOnly Day, int Predictions, Proportion Daily, Proportion Week, Proportion Cumulative);
