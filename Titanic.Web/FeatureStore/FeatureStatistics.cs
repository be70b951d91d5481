using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// Descriptive statistics of one feature after one commit, over the current rows of a scope. A commit writes the statistics of its
/// source and of <see cref="All"/>; the statistics of another source are the newest ones of an earlier commit.
/// </summary>
public sealed class FeatureStatistics
{
    /// <summary>The scope of all sources together.</summary>
    public const string All = "all";

    /// <summary>The commit that wrote the statistics.</summary>
    public long CommitId { get; init; }

    /// <summary>One of <see cref="PassengerSources"/>, or <see cref="All"/>.</summary>
    public required string Scope { get; init; }

    /// <summary>One of <see cref="FeatureGroup.Features"/>.</summary>
    public required string Feature { get; init; }

    /// <summary>Number of current rows, including rows without a value.</summary>
    public long Count { get; init; }

    /// <summary>Number of rows without a value.</summary>
    public long NumNullValues { get; init; }

    /// <summary>The smallest value; null without values.</summary>
    public double? Min { get; init; }

    /// <summary>The largest value; null without values.</summary>
    public double? Max { get; init; }

    /// <summary>The arithmetic mean; null without values.</summary>
    public double? Mean { get; init; }

    /// <summary>The population standard deviation (divided by the number of values, not by n - 1); null without values.</summary>
    public double? StdDev { get; init; }

    /// <summary>
    /// The percentiles at <see cref="PercentileRanks"/> by the nearest-rank method, rounded to hundredths; null for a categorical
    /// feature and without values.
    /// </summary>
    public double[]? Percentiles { get; init; }

    /// <summary>Number of distinct values rounded to hundredths; exact for all features except age and fare.</summary>
    public long ApproxNumDistinctValues { get; init; }

    /// <summary>
    /// Number of rows per bin, shape (<see cref="FeatureStore.Feature.Bins"/>,); see <see cref="FeatureStore.Feature.HistogramEdges"/>.
    /// </summary>
    public required long[] Histogram { get; init; }

    /// <summary>The at most five most frequent values, rounded to hundredths, most frequent first.</summary>
    public required IReadOnlyList<ValueCount> TopValues { get; init; }

    /// <summary>
    /// Pearson correlation, -1 to 1, of the value with the outcome over rows that have both; null if it is undefined, and for the
    /// outcome itself.
    /// </summary>
    public double? CorrelationWithOutcome { get; init; }

    /// <summary>The sums that the next commit updates incrementally.</summary>
    public required FeatureSums Sums { get; init; }

    /// <summary>Number of rows with a value.</summary>
    public long NumNonNullValues => Count - NumNullValues;

    /// <summary>Share 0..1 of rows with a value; null without rows.</summary>
    public double? Completeness => Count == 0 ? null : (double)NumNonNullValues / Count;

    /// <summary>The ranks of <see cref="Percentiles"/>, in percent.</summary>
    public static IReadOnlyList<int> PercentileRanks { get; } = [1, 5, 25, 50, 75, 95, 99];
}

/// <summary>A value and its number of rows.</summary>
/// <param name="Value">The value; <see cref="Passengers.Sex"/> and outcomes as codes.</param>
/// <param name="Rows">Number of rows.</param>
public sealed record ValueCount(double Value, long Rows);

/// <summary>
/// Exact sums, so that adding and later subtracting a value has no rounding error. Values are whole numbers of ten-thousandths, the finest
/// resolution of the input files and the stream.
/// </summary>
/// <param name="Value">Sum of the values.</param>
/// <param name="Square">Sum of the squared values.</param>
/// <param name="Labelled">Number of rows with a value and a known outcome; the following sums are over these rows.</param>
/// <param name="LabelledValue">Sum of the values of labeled rows.</param>
/// <param name="LabelledSquare">Sum of the squared values of labeled rows.</param>
/// <param name="Survivors">Number of survivors.</param>
/// <param name="SurvivorValue">Sum of the values of survivors.</param>
public sealed record FeatureSums(
    decimal Value, decimal Square, long Labelled, decimal LabelledValue, decimal LabelledSquare, long Survivors, decimal SurvivorValue);

/// <summary>The number of current rows per value. Distinct counts and percentiles are computed from it without reading rows.</summary>
public sealed class FeatureValue
{
    public required string Scope { get; init; }
    public required string Feature { get; init; }

    /// <summary>Rounded to hundredths, so that the size of the table is bounded.</summary>
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
