using System.Text.Json.Serialization;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>The statistics of a scope as the API gives them, with the field names of Hopsworks.</summary>
/// <param name="AsOfCommitId">The newest commit that counts.</param>
/// <param name="Features">Empty while no row of the scope had come.</param>
public sealed record StatisticsAnswer(
    string FeatureGroup, int Version, string Scope, long AsOfCommitId, DateTimeOffset CommittedAt, IReadOnlyList<FeatureStatisticsAnswer> Features)
{
    internal static StatisticsAnswer Of(AsOf asOf, string scope, IReadOnlyList<FeatureStatistics> statistics) => new(
        FeatureStore.FeatureGroup.Name, FeatureStore.FeatureGroup.Version, scope, asOf.CommitId, asOf.CommittedAt,
        [.. statistics.Select(FeatureStatisticsAnswer.Of)]);
}

/// <summary>One feature. Values of sex (0 male, 1 female) and survived (0 died, 1 survived) are the model's codes.</summary>
/// <param name="CommitId">The commit that wrote them: the last one that touched the scope.</param>
/// <param name="Completeness">Share 0..1 of rows with a value; null without rows.</param>
/// <param name="Distinctness">Different values per value, 0..1; null without values.</param>
/// <param name="Percentiles">By the nearest-rank definition; null where the values are no measure.</param>
/// <param name="CorrelationWithOutcome">Pearson's, over rows with a known outcome; null where it is undefined.</param>
public sealed record FeatureStatisticsAnswer(
    string FeatureName, string FeatureType, long CommitId, long Count, double? Completeness, long NumNonNullValues, long NumNullValues,
    long ApproxNumDistinctValues, double? Distinctness, double? Min, double? Max, double? Mean, double? StdDev,
    IReadOnlyList<PercentileAnswer>? Percentiles, IReadOnlyList<HistogramBinAnswer> Histogram, IReadOnlyList<TopValueAnswer> TopValues,
    double? CorrelationWithOutcome)
{
    internal static FeatureStatisticsAnswer Of(FeatureStatistics s)
    {
        var feature = FeatureGroup.Features.Single(feature => feature.Name == s.Feature);
        return new FeatureStatisticsAnswer(
            s.Feature, feature.Type, s.CommitId, s.Count, s.Completeness, s.NumNonNullValues, s.NumNullValues,
            s.ApproxNumDistinctValues, s.NumNonNullValues == 0 ? null : (double)s.ApproxNumDistinctValues / s.NumNonNullValues,
            s.Min, s.Max, s.Mean, s.StdDev,
            s.Percentiles?.Select((value, i) => new PercentileAnswer(FeatureStatistics.PercentileRanks[i], value)).ToList(),
            [.. s.Histogram.Select((rows, bin) => HistogramBinAnswer.Of(feature, bin, rows))],
            [.. s.TopValues.Select(top => new TopValueAnswer(top.Value, top.Rows))],
            s.CorrelationWithOutcome);
    }
}

/// <param name="Rank">In percent.</param>
public sealed record PercentileAnswer(int Rank, double Value);

public sealed record TopValueAnswer(double Value, long Count);

/// <summary>A bin of a measure from <paramref name="Low"/> up to, but without, <paramref name="High"/> (the last bin has it too), or one value.</summary>
/// <param name="Name">What the value's code stands for, where it is a code.</param>
public sealed record HistogramBinAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Low,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? High,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Value,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name,
    long Count)
{
    internal static HistogramBinAnswer Of(Feature feature, int bin, long rows) => feature.IsNumeric
        ? new HistogramBinAnswer(feature.HistogramEdges[bin], feature.HistogramEdges[bin + 1], null, null, rows)
        : new HistogramBinAnswer(null, null, feature.HistogramEdges[bin], NameOf(feature, feature.HistogramEdges[bin]), rows);

    private static string? NameOf(Feature feature, double code) =>
        feature == FeatureGroup.Sex ? SexConverter.Format((Sex)code) : feature == FeatureGroup.Survived ? (code == 1 ? "survived" : "died") : null;
}
