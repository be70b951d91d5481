using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring.Rollups;

/// <summary>The predictions of one day and source: the sums of the day's <see cref="PredictionCell"/>s.</summary>
public sealed class DailyPredictionVolume
{
    public DateOnly LogicalDate { get; init; }

    /// <summary>One of <see cref="PredictionSources"/>.</summary>
    public required string Source { get; init; }

    /// <summary>Number of predictions.</summary>
    public long Predictions { get; init; }

    /// <summary>Number of predictions of the class "survived".</summary>
    public long Surviving { get; init; }

    /// <summary>Sum of the predicted probabilities of survival.</summary>
    public double ProbabilitySum { get; init; }
}

internal sealed class DailyPredictionVolumeTable : IEntityTypeConfiguration<DailyPredictionVolume>
{
    public void Configure(EntityTypeBuilder<DailyPredictionVolume> days)
    {
        days.ToTable("daily_answers");
        days.HasKey(d => new { d.LogicalDate, d.Source });
        days.Property(d => d.Predictions).HasColumnName("answers");
    }
}
