using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.Monitoring;

/// <summary>
/// One day's batch predictions held against what happened: the roll-up that the dashboard adds up, so its cost does not grow with
/// the number of passengers. Live and in-sample predictions are counted apart.
/// </summary>
public sealed class DailyPerformance
{
    public DateOnly LogicalDate { get; init; }

    /// <summary>True: the model had not learned these passengers. False: it had, so the figures flatter it.</summary>
    public bool IsLive { get; init; }

    /// <summary>All predictions of the day; those without a known outcome are in none of the four counts.</summary>
    public int Predictions { get; init; }
    public int TrueNegatives { get; init; }
    public int FalsePositives { get; init; }
    public int FalseNegatives { get; init; }
    public int TruePositives { get; init; }

    /// <summary>Sum of (probability - outcome)² over the labelled predictions.</summary>
    public double SquaredError { get; init; }

    /// <summary>The newest commit that the counts have seen; outcomes of later commits make the day due again.</summary>
    public long AsOfCommitId { get; init; }

    /// <summary>The newest prediction counted; later ones make their day due again.</summary>
    public long LastPredictionId { get; init; }

    public int Labelled => TrueNegatives + FalsePositives + FalseNegatives + TruePositives;
    public int Right => TrueNegatives + TruePositives;
}

internal sealed class DailyPerformanceTable : IEntityTypeConfiguration<DailyPerformance>
{
    public void Configure(EntityTypeBuilder<DailyPerformance> days)
    {
        days.ToTable("daily_performance");
        days.HasKey(d => new { d.LogicalDate, d.IsLive });
        days.Ignore(d => d.Labelled);
        days.Ignore(d => d.Right);
        days.HasIndex(d => d.AsOfCommitId);
    }
}
