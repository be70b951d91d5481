using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.Monitoring.Rollups;

/// <summary>
/// One day's batch predictions compared with the outcomes: the sums of the day's <see cref="PredictionCell"/>s. Live and in-sample
/// predictions have separate rows.
/// </summary>
public sealed class DailyPerformance
{
    public DateOnly LogicalDate { get; init; }

    /// <summary>
    /// True for live predictions; false for in-sample predictions, whose metrics are too optimistic. See <c>LiveStatus</c>.
    /// </summary>
    public bool IsLive { get; init; }

    /// <summary>All predictions of the day; those without a known outcome are in none of the four confusion counts.</summary>
    public int Predictions { get; init; }
    public int TrueNegatives { get; init; }
    public int FalsePositives { get; init; }
    public int FalseNegatives { get; init; }
    public int TruePositives { get; init; }

    /// <summary>Sum of (probability − outcome)² over the labeled predictions.</summary>
    public double SquaredError { get; init; }

    /// <summary>Number of predictions with a known outcome.</summary>
    public int Labeled => TrueNegatives + FalsePositives + FalseNegatives + TruePositives;

    /// <summary>Number of correct predictions.</summary>
    public int Correct => TrueNegatives + TruePositives;

    /// <summary>The predictions of one cell; its numbers can be negative.</summary>
    internal static DailyPerformance Of(PredictionCell cell) => new()
    {
        LogicalDate = cell.LogicalDate,
        IsLive = cell.IsLive!.Value,
        Predictions = cell.Predictions,
        TrueNegatives = cell.Survived ? 0 : cell.OutcomeDied,
        FalsePositives = cell.Survived ? cell.OutcomeDied : 0,
        FalseNegatives = cell.Survived ? 0 : cell.OutcomeSurvived,
        TruePositives = cell.Survived ? cell.OutcomeSurvived : 0,
        SquaredError = (cell.OutcomeDied * cell.Probability * cell.Probability) + (cell.OutcomeSurvived * (1 - cell.Probability) * (1 - cell.Probability)),
    };

    /// <summary>The sum of parts of one day and live status.</summary>
    internal static DailyPerformance Sum(IEnumerable<DailyPerformance> parts) => parts.Aggregate((sum, part) => new()
    {
        LogicalDate = sum.LogicalDate,
        IsLive = sum.IsLive,
        Predictions = sum.Predictions + part.Predictions,
        TrueNegatives = sum.TrueNegatives + part.TrueNegatives,
        FalsePositives = sum.FalsePositives + part.FalsePositives,
        FalseNegatives = sum.FalseNegatives + part.FalseNegatives,
        TruePositives = sum.TruePositives + part.TruePositives,
        SquaredError = sum.SquaredError + part.SquaredError,
    });
}

internal sealed class DailyPerformanceTable : IEntityTypeConfiguration<DailyPerformance>
{
    public void Configure(EntityTypeBuilder<DailyPerformance> days)
    {
        days.ToTable("daily_performance");
        days.HasKey(d => new { d.LogicalDate, d.IsLive });
        days.Ignore(d => d.Labeled);
        days.Ignore(d => d.Correct);
    }
}
