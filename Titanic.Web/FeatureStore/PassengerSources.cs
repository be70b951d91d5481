using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

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

    /// <summary>Passengers of the past, who are learned without having been predicted.</summary>
    public static IReadOnlyList<string> History { get; } = [Titanic3, Upload];

    /// <summary>Passengers who arrive one after another and are predicted before they are learned.</summary>
    public static IReadOnlyList<string> Streams { get; } = [Synthetic, Api];

    public static IReadOnlyList<string> All { get; } = [.. History, .. Streams];
}
