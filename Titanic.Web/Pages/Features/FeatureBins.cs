using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pages.Features;

/// <summary>
/// How people see a feature's values: names instead of codes, and bins as coarse as the eye needs. Statistics are kept finer, so these
/// bins can change without counting anything again.
/// </summary>
/// <param name="Bins">In order; each gathers bins of <see cref="FeatureStatistics.Histogram"/>.</param>
public sealed record FeatureBins(IReadOnlyList<FeatureBin> Bins)
{
    /// <summary>Five years each, one bin above the oldest of history.</summary>
    private static readonly double[] _ages = [.. Enumerable.Range(0, 17).Select(fives => fives * 5.0), FeatureGroup.Age.HistogramEdges[^1]];

    /// <summary>Narrow where tickets were: half of all cost less than 15 pounds.</summary>
    private static readonly double[] _fares = [0, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 250, 300, 600, FeatureGroup.Fare.HistogramEdges[^1]];

    public static FeatureBins Of(Feature feature)
    {
        if (feature == FeatureGroup.Age)
            return Gathered(feature, _ages);
        if (feature == FeatureGroup.Fare)
            return Gathered(feature, _fares);
        return new FeatureBins([.. feature.HistogramEdges.Select((value, bin) => new FeatureBin(NameOf(feature, value), bin, bin + 1))]);
    }

    /// <summary>"female", "2nd class", "£7.75", "24".</summary>
    public static string NameOf(Feature feature, double value)
    {
        if (feature == FeatureGroup.Sex)
            return SexConverter.Format((Sex)value);
        if (feature == FeatureGroup.Survived)
            return value == 1 ? "survived" : "died";
        if (feature == FeatureGroup.Pclass)
            return value switch { 1 => "1st class", 2 => "2nd class", _ => "3rd class" };
        return feature == FeatureGroup.Fare ? Format.Pounds(value) : Format.Years(value);
    }

    /// <exception cref="ArgumentException">An edge is none of the feature's: its rows could not be told apart.</exception>
    private static FeatureBins Gathered(Feature feature, double[] edges)
    {
        var places = edges.Select(edge => Array.IndexOf(feature.HistogramEdges, edge)).ToList();
        if (places.Contains(-1))
            throw new ArgumentException($"The edges {string.Join(", ", edges)} must be among those that statistics of {feature.Name} are kept by.", nameof(edges));
        return new FeatureBins(
        [
            .. edges.Zip(edges.Skip(1)).Select((edge, i) => new FeatureBin(
                i == edges.Length - 2 ? $"{Format.Years(edge.First)}+" : $"{Format.Years(edge.First)}–{Format.Years(edge.Second)}", places[i], places[i + 1])),
        ]);
    }
}

/// <param name="First">Of the statistics' bins, from 0.</param>
/// <param name="End">Exclusive.</param>
public sealed record FeatureBin(string Name, int First, int End)
{
    /// <summary>Null without statistics.</summary>
    public long? RowsOf(FeatureStatistics? statistics) => statistics?.Histogram[First..End].Sum();
}
