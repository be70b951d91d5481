using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// What one feature looked like after one commit, over the current rows of a source or of all. Every commit writes the statistics of
/// its source and of <see cref="All"/>; those of another source are the newest that an earlier commit wrote.
/// </summary>
public sealed class FeatureStatistics
{
    /// <summary>The scope that gathers all sources.</summary>
    public const string All = "all";

    public long CommitId { get; init; }

    /// <summary>One of <see cref="PassengerSources"/>, or <see cref="All"/>.</summary>
    public required string Scope { get; init; }

    /// <summary>One of <see cref="FeatureGroup.Features"/>.</summary>
    public required string Feature { get; init; }

    /// <summary>Current rows, those without a value included.</summary>
    public long Count { get; init; }
    public long NumNullValues { get; init; }

    /// <summary>Of all values; null while there is none.</summary>
    public double? Min { get; init; }
    public double? Max { get; init; }
    public double? Mean { get; init; }

    /// <summary>Of the population: divided by the number of values.</summary>
    public double? StdDev { get; init; }

    /// <summary>At <see cref="PercentileRanks"/>, by the nearest-rank definition, to the hundredth; null for what is not a measure.</summary>
    public double[]? Percentiles { get; init; }

    /// <summary>Different values, told apart to the hundredth: exact for every feature but age and fare.</summary>
    public long ApproxNumDistinctValues { get; init; }

    /// <summary>Rows per bin of <see cref="FeatureStore.Feature.HistogramEdges"/>.</summary>
    public required long[] Histogram { get; init; }

    /// <summary>The most frequent values, to the hundredth, most frequent first.</summary>
    public required IReadOnlyList<ValueCount> TopValues { get; init; }

    /// <summary>Pearson's correlation of the value with the outcome over rows that have both; null where it is undefined.</summary>
    public double? CorrelationWithOutcome { get; init; }

    /// <summary>What the next commit adds to and takes from.</summary>
    public required FeatureSums Sums { get; init; }

    public long NumNonNullValues => Count - NumNullValues;

    /// <summary>Share 0..1 of rows with a value; null while there are no rows.</summary>
    public double? Completeness => Count == 0 ? null : (double)NumNonNullValues / Count;

    /// <summary>In percent.</summary>
    public static IReadOnlyList<int> PercentileRanks { get; } = [1, 5, 25, 50, 75, 95, 99];
}

/// <param name="Value">As a number; <see cref="Passengers.Sex"/> and outcomes by their codes.</param>
public sealed record ValueCount(double Value, long Rows);

/// <summary>
/// Exact sums, so that taking back what was added leaves nothing behind: values count in ten-thousandths (the finest that lists and
/// stream give) as whole numbers.
/// </summary>
/// <param name="Labelled">Rows with a value and a known outcome; the sums that follow are over them.</param>
public sealed record FeatureSums(
    decimal Value, decimal Square, long Labelled, decimal LabelledValue, decimal LabelledSquare, long Survivors, decimal SurvivorValue);

/// <summary>How many current rows have a value: the state from which distinct values and percentiles are known without reading rows.</summary>
public sealed class FeatureValue
{
    public required string Scope { get; init; }
    public required string Feature { get; init; }

    /// <summary>Rounded to the hundredth, so that the table stays small however many rows there are.</summary>
    public double Value { get; init; }
    public long Rows { get; init; }
}

internal sealed class FeatureStatisticsTable : IEntityTypeConfiguration<FeatureStatistics>
{
    public void Configure(EntityTypeBuilder<FeatureStatistics> statistics)
    {
        statistics.ToTable("feature_statistics");
        statistics.HasKey(s => new { s.Scope, s.Feature, s.CommitId });
        statistics.Property(s => s.TopValues).HasJsonColumn();
        statistics.ComplexProperty(s => s.Sums);
        statistics.Ignore(s => s.NumNonNullValues);
        statistics.Ignore(s => s.Completeness);
        statistics.HasIndex(s => s.CommitId);
        statistics.HasOne<Commit>().WithMany().HasForeignKey(s => s.CommitId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class FeatureValueTable : IEntityTypeConfiguration<FeatureValue>
{
    public void Configure(EntityTypeBuilder<FeatureValue> values)
    {
        values.ToTable("feature_values");
        values.HasKey(v => new { v.Scope, v.Feature, v.Value });
        values.HasIndex(v => new { v.Scope, v.Feature, v.Rows });
    }
}
