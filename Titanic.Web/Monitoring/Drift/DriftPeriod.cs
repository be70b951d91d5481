using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring.Drift;

/// <summary>
/// The time from one start of the drift detectors to the next. A period keeps the champion and the settings of its start, so that the
/// guarantee of the alarms holds although the champion changes: the evidence is against the service, not against one version. See
/// <see cref="DriftMonitor"/> for when a period ends.
/// </summary>
public sealed class DriftPeriod
{
    public long PeriodId { get; init; }

    /// <summary>The logical date of the monitoring run that started the period; the first look is on a later date.</summary>
    public DateOnly StartedOn { get; init; }
    public DateOnly? EndedOn { get; set; }

    /// <summary>When the period was stored, UTC.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Why the period started.</summary>
    public required string Reason { get; init; }

    /// <summary>The champion at the start: its held-out accuracy and its training rows are the reference.</summary>
    public int ModelVersion { get; init; }
    public int HeldOutCorrect { get; init; }
    public int HeldOutRows { get; init; }

    /// <summary>
    /// Training rows by category, by name of the <see cref="MonitoredFeature"/>; empty for an imported champion, whose rows are not here.
    /// </summary>
    public required IReadOnlyDictionary<string, long[]> Reference { get; init; }

    public double FalseAlarmRate { get; init; }
    public int HorizonDays { get; init; }
    public required double[] AccuracyFalls { get; init; }

    /// <summary>Seed of the uniform numbers of the conformal p-values.</summary>
    public long Seed { get; init; }

    /// <summary>Predictions up to this ID are not new inputs of the period.</summary>
    public long LastPredictionId { get; init; }

    /// <summary>
    /// Outcomes of predictions up to this ID do not count: they were made before the champion of an accuracy alarm was replaced, or before the
    /// first period. Later predictions count when their outcomes arrive, also those made in an earlier period.
    /// </summary>
    public long LastUncountedPredictionId { get; init; }

    /// <summary>The newest commit at the start.</summary>
    public long AsOfCommitId { get; init; }

    /// <summary>Correct predictions for the held-out rows.</summary>
    public Proportion HeldOut => new(HeldOutCorrect, HeldOutRows);

    /// <summary>The settings at the start.</summary>
    public DriftOptions Options => new() { FalseAlarmRate = FalseAlarmRate, HorizonDays = HorizonDays, Falls = AccuracyFalls };

    internal bool HasOptions(DriftOptions options) =>
        FalseAlarmRate == options.FalseAlarmRate && HorizonDays == options.HorizonDays && AccuracyFalls.SequenceEqual(options.Falls);
}

/// <summary>
/// One evaluation of the detectors, with the rows that arrived since the previous one. Looks are never changed, so that the state of any
/// day can be shown and every value can be recomputed from the predictions and outcomes.
/// </summary>
public sealed class DriftLook
{
    public long PeriodId { get; init; }
    public DateOnly LogicalDate { get; init; }

    /// <summary>When the look was stored, UTC.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>1, 2, 3 … within the period; at most the horizon.</summary>
    public int Number { get; init; }
    public int ChampionVersion { get; init; }
    public long AsOfCommitId { get; init; }
    public long LastPredictionId { get; init; }

    /// <summary>Live predictions of the period whose first outcome arrived since the previous look.</summary>
    public int Rows { get; init; }

    /// <summary>Those of <see cref="Rows"/> that are correct.</summary>
    public int Correct { get; init; }

    /// <summary>Those of <see cref="Rows"/> by the delay of the outcome.</summary>
    public required IReadOnlyList<DelayedOutcomes> Delays { get; init; }

    /// <summary>ln R of each alternative; see <see cref="AccuracyDetector"/>.</summary>
    public required double[] LogStatistics { get; init; }

    /// <summary>ln of the mean of R; -∞ before the first outcome.</summary>
    public double LogValue { get; init; }
    public double LogThreshold { get; init; }
    public required IReadOnlyList<FeatureLook> Features { get; init; }

    /// <summary>
    /// Whether the evidence reaches the level of the alarm at this look. The alarm stays raised until the end of the period, also if later
    /// evidence is below it.
    /// </summary>
    public bool IsAccuracyAlarm { get; init; }

    /// <summary>Whether the evidence of any feature reaches the level of its alarm at this look.</summary>
    public bool IsInputAlarm { get; init; }
}

/// <summary>The detector of one feature at a look.</summary>
/// <param name="Name">Of the <see cref="MonitoredFeature"/>.</param>
/// <param name="Rows">New rows by category.</param>
/// <param name="Bins">New rows by bin of the p-value.</param>
/// <param name="LogValue">ln of the sum of the e-values; null before the first row.</param>
/// <param name="LogThreshold">The value at which the alarm is raised.</param>
public sealed record FeatureLook(string Name, int[] Rows, int[] Bins, double? LogValue, double LogThreshold)
{
    [JsonIgnore]
    public bool IsAlarm => LogValue >= LogThreshold;

    /// <summary>The rows of several looks by category.</summary>
    internal static long[] SumRows(IEnumerable<FeatureLook> looks, MonitoredFeature feature)
    {
        var sum = new long[feature.Categories.Count];
        foreach (var look in looks)
        {
            for (var category = 0; category < sum.Length; category++)
                sum[category] += look.Rows[category];
        }
        return sum;
    }
}

internal sealed class DriftPeriodTable : IEntityTypeConfiguration<DriftPeriod>
{
    public void Configure(EntityTypeBuilder<DriftPeriod> periods)
    {
        periods.ToTable("drift_periods");
        periods.HasKey(p => p.PeriodId);
        periods.Property(p => p.PeriodId).UseIdentityAlwaysColumn();
        periods.Property(p => p.Reference).HasJsonColumn();
        periods.Ignore(p => p.HeldOut);
        periods.Ignore(p => p.Options);
        // At most one period is open.
        periods.HasIndex(p => p.EndedOn).IsUnique().AreNullsDistinct(false).HasFilter("ended_on is null");
    }
}

internal sealed class DriftLookTable : IEntityTypeConfiguration<DriftLook>
{
    public void Configure(EntityTypeBuilder<DriftLook> looks)
    {
        looks.ToTable("drift_looks");
        looks.HasKey(l => new { l.PeriodId, l.LogicalDate });
        looks.Property(l => l.Features).HasJsonColumn();
        looks.Property(l => l.Delays).HasJsonColumn();
        looks.HasOne<DriftPeriod>().WithMany().HasForeignKey(l => l.PeriodId).OnDelete(DeleteBehavior.Restrict);
        looks.HasIndex(l => l.LogicalDate);
    }
}
