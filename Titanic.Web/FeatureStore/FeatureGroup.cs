using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// The feature group <c>titanic_passengers</c> v1: four features, the label <c>survived</c>, and the histogram edges of their
/// statistics. Its rows are <see cref="PassengerVersion"/> and <see cref="Outcome"/>; its primary key is (source, source key).
/// </summary>
public static class FeatureGroup
{
    public const string Name = "titanic_passengers";
    public const int Version = 1;

    /// <summary>Passenger class: 1 (upper), 2 (middle) or 3 (lower); never missing.</summary>
    public static Feature Pclass { get; } = new("pclass", "smallint", IsNumeric: false, [1, 2, 3]);

    /// <summary>Sex, in statistics as the code 0 (male) or 1 (female); never missing.</summary>
    public static Feature Sex { get; } = new("sex", "text", IsNumeric: false, [0, 1]);

    /// <summary>Age in years, 0 to 120, may be missing. 120 bins of one year.</summary>
    public static Feature Age { get; } = new("age", "double precision", IsNumeric: true, [.. Enumerable.Range(0, (int)PassengerLimits.MaximumAgeInYears + 1).Select(years => (double)years)]);

    /// <summary>
    /// Fare in pounds, 0 to 10,000, may be missing. Bins of 1 pound up to 100 and of 10 pounds up to 600 (the highest fare of the
    /// bundled dataset is 512), and one bin above.
    /// </summary>
    public static Feature Fare { get; } = new(
        "fare", "double precision", IsNumeric: true,
        [.. Enumerable.Range(0, 101).Select(pounds => (double)pounds), .. Enumerable.Range(11, 50).Select(tens => tens * 10.0), PassengerLimits.MaximumFareInPounds]);

    /// <summary>The label, as 0 (died) or 1 (survived); missing while the outcome is unknown.</summary>
    public static Feature Survived { get; } = new("survived", "boolean", IsNumeric: false, [0, 1]);

    /// <summary>The four features and the label, in the order of statistics.</summary>
    public static IReadOnlyList<Feature> Features { get; } = [Pclass, Sex, Age, Fare, Survived];
}

/// <summary>One feature of the group, or the label.</summary>
/// <param name="Type">The PostgreSQL type of the column.</param>
/// <param name="IsNumeric">True for a numeric feature, which has percentiles; false for a categorical one.</param>
/// <param name="HistogramEdges">
/// For a numeric feature the n edges of n - 1 bins in ascending order: a bin includes its lower edge and excludes its upper edge; the
/// last bin includes both. For a categorical feature its values, one bin per value.
/// </param>
public sealed record Feature(string Name, string Type, bool IsNumeric, double[] HistogramEdges)
{
    /// <summary>The number of histogram bins.</summary>
    public int Bins => IsNumeric ? HistogramEdges.Length - 1 : HistogramEdges.Length;
}

/// <summary>The sources of passengers. The source is part of the primary key of a row.</summary>
public static class PassengerSources
{
    /// <summary>The bundled dataset.</summary>
    public const string Titanic3 = BundledDataset.Source;

    /// <summary>Files that users import.</summary>
    public const string Upload = DatasetSource.Upload;

    /// <summary>The simulated daily stream.</summary>
    public const string Synthetic = PassengerStream.Source;

    /// <summary>Rows sent to the API by other programs.</summary>
    public const string Api = "api";

    /// <summary>The error message for a name that is not in <see cref="All"/>.</summary>
    public static string NotFoundMessage(string? source) => ErrorText.UnknownName("source", source, All);

    /// <summary>The event time and the known-at time of historical passengers: 1912-04-15 UTC.</summary>
    public static DateTimeOffset HistoricalEventTime { get; } = FeatureReader.StartOf(new DateOnly(1912, 4, 15));

    /// <summary>Sources of historical passengers: they are used for training without a prior prediction.</summary>
    public static IReadOnlyList<string> Historical { get; } = [Titanic3, Upload];

    /// <summary>Sources of arriving passengers: they are predicted before they are used for training.</summary>
    public static IReadOnlyList<string> Streams { get; } = [Synthetic, Api];

    /// <summary>All sources: titanic3, upload, synthetic, api.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Historical, .. Streams];
}

internal sealed class PassengerSourceAttribute() : OneOfAttribute([.. PassengerSources.All]);
