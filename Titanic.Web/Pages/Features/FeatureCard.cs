using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pages.Features;

/// <summary>One feature in two scopes: a histogram in shares of rows, because the scopes differ in size, and summary statistics.</summary>
/// <param name="Reference">Null if the scope has no rows, like <paramref name="Current"/>.</param>
public sealed record FeatureCard(Feature Feature, FeatureStatistics? Reference, FeatureStatistics? Current)
{
    private const int TopValuesShown = 3;

    public string Title =>
        Feature == FeatureGroup.Pclass ? "Class" : Feature == FeatureGroup.Sex ? "Sex"
        : Feature == FeatureGroup.Age ? "Age, years" : Feature == FeatureGroup.Fare ? "Fare, pounds" : "Outcome";

    /// <summary>The bins up to the last one with rows, and a bin "missing" if a value is missing.</summary>
    public IReadOnlyList<CardBin> Bins
    {
        get
        {
            var bins = FeatureBins.Of(Feature).Bins.Select(bin => Bin(bin.Name, bin.CountRows(Reference), bin.CountRows(Current))).ToList();
            while (bins.Count > 0 && bins[^1] is { Reference: null or 0, Current: null or 0 })
                bins.RemoveAt(bins.Count - 1);
            if (Reference is { NumNullValues: > 0 } || Current is { NumNullValues: > 0 })
                bins.Add(Bin("missing", Reference?.NumNullValues, Current?.NumNullValues));
            return bins;
        }
    }

    /// <summary>"years" or "pounds"; null for a categorical feature.</summary>
    public string? Unit => Feature == FeatureGroup.Age ? "years" : Feature == FeatureGroup.Fare ? "pounds" : null;

    public IReadOnlyList<CardMetric> Metrics =>
    [
        Metric("Rows", s => Format.Count(s.Count)),
        Metric("Missing", s => $"{Format.Percent(1 - s.Completeness)} ({Format.Count(s.NumNullValues)})"),
        Metric(MeanLabel, s => s.Mean is null ? Format.Missing : $"{Format.TwoDecimals(s.Mean)} ± {Format.TwoDecimals(s.StdDev)}"),
        .. Feature.IsNumeric
            ? (CardMetric[])
            [
                Metric("Median", s => s.Percentiles is { } found ? FormatValue(found[Median]) : Format.Missing),
                Metric("Range", s => s.Min is null ? Format.Missing : $"{FormatValue(s.Min.Value)} to {FormatValue(s.Max!.Value)}"),
            ]
            : [],
        Metric("Distinct values", s => Format.Count(s.ApproxNumDistinctValues)),
        new CardMetric("Most frequent", TopValues(Reference), TopValues(Current)),
        .. Feature == FeatureGroup.Survived ? (CardMetric[])[] : [Metric("Correlation with survival", s => Format.ThreeDecimals(s.CorrelationWithOutcome))],
    ];

    /// <summary>Rows, share of missing values, mean, minimum and maximum, each from the first scope to the second: "184 → 186".</summary>
    public IReadOnlyList<string> Changes =>
    [
        Change(s => Format.Count(s.Count)),
        Change(s => Format.Percent(1 - s.Completeness)),
        Change(s => Format.TwoDecimals(s.Mean)),
        Change(s => Feature.IsNumeric && s.Min is { } minimum ? FormatValue(minimum) : Format.Missing),
        Change(s => Feature.IsNumeric && s.Max is { } maximum ? FormatValue(maximum) : Format.Missing),
    ];

    private static int Median => FeatureStatistics.PercentileRanks.ToList().IndexOf(50);

    private string MeanLabel =>
        Feature == FeatureGroup.Sex ? "Mean ± sd (female = 1)" : Feature == FeatureGroup.Survived ? "Mean ± sd (survived = 1)" : "Mean ± sd";

    private string FormatValue(double value) => FeatureBins.FormatValue(Feature, value);

    private CardBin Bin(string name, long? reference, long? current) => new(name, reference, current, Share(reference, Reference), Share(current, Current));

    private CardMetric Metric(string name, Func<FeatureStatistics, string> format) =>
        new(name, [Reference is null ? Format.Missing : format(Reference)], [Current is null ? Format.Missing : format(Current)]);

    private string Change(Func<FeatureStatistics, string> format) =>
        PassengerText.FormatChange(Reference is null ? Format.Missing : format(Reference), Current is null ? Format.Missing : format(Current));

    private IReadOnlyList<string> TopValues(FeatureStatistics? statistics) => statistics is { TopValues.Count: > 0 }
        ? [.. statistics.TopValues.Take(TopValuesShown).Select(top => $"{FormatValue(top.Value)} ({Format.Percent(Share(top.Rows, statistics))})")]
        : [Format.Missing];

    private static double? Share(long? rows, FeatureStatistics? statistics) => statistics is { Count: > 0 } ? (double?)rows / statistics.Count : null;
}

/// <param name="ReferenceShare">Share of all rows of the scope, also those without a value, 0..1; null if the scope has no rows.</param>
public sealed record CardBin(string Name, long? Reference, long? Current, double? ReferenceShare, double? CurrentShare);

/// <param name="Reference">One or more lines, like <paramref name="Current"/>.</param>
public sealed record CardMetric(string Name, IReadOnlyList<string> Reference, IReadOnlyList<string> Current);

/// <summary>The model of the partial <c>_FeatureCard</c>: a card and the names of its two scopes.</summary>
public sealed record ComparedFeature(FeatureCard Card, string Reference, string Current);

/// <summary>
/// The display bins of a feature, with labels instead of codes. The stored histogram is finer, so these bins can change without new
/// statistics.
/// </summary>
/// <param name="Bins">In ascending order; each merges consecutive bins of <see cref="FeatureStatistics.Histogram"/>.</param>
public sealed record FeatureBins(IReadOnlyList<FeatureBin> Bins)
{
    /// <summary>Bins of five years, and one bin above 80, the highest age in the historical list.</summary>
    private static readonly double[] _ageEdgesInYears = [.. Enumerable.Range(0, 17).Select(i => i * 5.0), FeatureGroup.Age.HistogramEdges[^1]];

    /// <summary>Narrow bins at low fares, because half of all fares are below 15 pounds.</summary>
    private static readonly double[] _fareEdgesInPounds = [0, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 250, 300, 600, FeatureGroup.Fare.HistogramEdges[^1]];

    public static FeatureBins Of(Feature feature)
    {
        if (feature == FeatureGroup.Age)
            return Merge(feature, _ageEdgesInYears);
        if (feature == FeatureGroup.Fare)
            return Merge(feature, _fareEdgesInPounds);
        return new FeatureBins([.. feature.HistogramEdges.Select((value, bin) => new FeatureBin(FormatValue(feature, value), bin, bin + 1))]);
    }

    /// <summary>"female", "2nd class", "£7.75", "24 years".</summary>
    public static string FormatValue(Feature feature, double value)
    {
        if (feature == FeatureGroup.Sex)
            return SexConverter.Format((Sex)value);
        if (feature == FeatureGroup.Survived)
            return value == 1 ? "survived" : "died";
        if (feature == FeatureGroup.Pclass)
            return $"{Format.Class((int)value)} class";
        return feature == FeatureGroup.Fare ? Format.Pounds(value) : Format.Age(value);
    }

    /// <exception cref="ArgumentException">An edge is not an edge of the stored histogram, so its rows cannot be separated.</exception>
    private static FeatureBins Merge(Feature feature, double[] edges)
    {
        var indexes = edges.Select(edge => Array.IndexOf(feature.HistogramEdges, edge)).ToList();
        if (indexes.Contains(-1))
            throw new ArgumentException(
                $"The edges are {string.Join(", ", edges)}; each must be an edge of the stored histogram of {feature.Name}.", nameof(edges));
        return new FeatureBins(
        [
            .. edges.Zip(edges.Skip(1)).Select((edge, i) => new FeatureBin(
                i == edges.Length - 2 ? $"{Format.Decimal(edge.First)}+" : $"{Format.Decimal(edge.First)}–{Format.Decimal(edge.Second)}", indexes[i], indexes[i + 1])),
        ]);
    }
}

/// <param name="Start">Index of the first bin of the stored histogram, from 0.</param>
/// <param name="End">Index after the last bin (exclusive).</param>
public sealed record FeatureBin(string Name, int Start, int End)
{
    /// <summary>The number of rows in this bin; null without statistics.</summary>
    public long? CountRows(FeatureStatistics? statistics) => statistics?.Histogram[Start..End].Sum();
}
