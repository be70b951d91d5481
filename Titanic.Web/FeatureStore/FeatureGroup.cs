using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>The feature group <c>titanic_passengers</c> v1: its features, and how finely statistics look at them.</summary>
public static class FeatureGroup
{
    public const string Name = "titanic_passengers";
    public const int Version = 1;

    public static Feature Pclass { get; } = new("pclass", "smallint", IsNumeric: false, [1, 2, 3]);

    /// <summary>By the model's codes: 0 male, 1 female.</summary>
    public static Feature Sex { get; } = new("sex", "text", IsNumeric: false, [0, 1]);

    public static Feature Age { get; } = new("age", "double precision", IsNumeric: true, [.. Enumerable.Range(0, (int)PassengerLimits.MaximumAgeInYears + 1).Select(years => (double)years)]);

    /// <summary>A pound each up to 100, ten up to 600 (the dearest ticket of history was 512), one bin above.</summary>
    public static Feature Fare { get; } = new(
        "fare", "double precision", IsNumeric: true,
        [.. Enumerable.Range(0, 101).Select(pounds => (double)pounds), .. Enumerable.Range(11, 50).Select(tens => tens * 10.0), PassengerLimits.MaximumFareInPounds]);

    /// <summary>The label, as 0 or 1; missing while the outcome is not known.</summary>
    public static Feature Survived { get; } = new("survived", "boolean", IsNumeric: false, [0, 1]);

    public static IReadOnlyList<Feature> Features { get; } = [Pclass, Sex, Age, Fare, Survived];
}

/// <summary>One feature of the group, or its label.</summary>
/// <param name="IsNumeric">Whether percentiles mean something.</param>
/// <param name="HistogramEdges">
/// For a numeric feature the edges of its bins: n edges make n - 1 bins, each with its lower edge, the last with its upper too. For
/// another one its values, one bin each.
/// </param>
public sealed record Feature(string Name, string Type, bool IsNumeric, double[] HistogramEdges)
{
    public int Bins => IsNumeric ? HistogramEdges.Length - 1 : HistogramEdges.Length;
}

/// <summary>Where rows come from; part of every row's key.</summary>
public static class PassengerSources
{
    /// <summary>The historical list that ships with the product.</summary>
    public const string Titanic3 = BundledDataset.Source;

    /// <summary>A file that a user brought.</summary>
    public const string Upload = DatasetSource.Upload;

    /// <summary>The simulated daily stream.</summary>
    public const string Synthetic = PassengerStream.Source;

    /// <summary>Rows posted by another program.</summary>
    public const string Api = "api";

    /// <summary>When the passengers of history sailed, for the last time, and when their outcomes became known.</summary>
    public static DateTimeOffset HistoricalEventTime { get; } = FeatureReader.StartOf(new DateOnly(1912, 4, 15));

    /// <summary>Passengers of the past, who are learned without having been predicted.</summary>
    public static IReadOnlyList<string> History { get; } = [Titanic3, Upload];

    /// <summary>Passengers who arrive one after another and are predicted before they are learned.</summary>
    public static IReadOnlyList<string> Streams { get; } = [Synthetic, Api];

    public static IReadOnlyList<string> All { get; } = [.. History, .. Streams];
}

internal sealed class PassengerSourceAttribute() : OneOfAttribute([.. PassengerSources.All]);
