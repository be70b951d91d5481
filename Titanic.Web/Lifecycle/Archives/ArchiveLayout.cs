using Titanic.Web.Registry;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>
/// What the archive of a version holds. Its files are stored one after another without compression, without times and in this order, so a
/// version has the same archive on every machine, and nothing in one can unfold to more than it is.
/// </summary>
public static class ArchiveLayout
{
    public const string Version = "version.json";
    public const string Metrics = "metrics.json";
    public const string Card = "model-card.md";
    public const string Model = "model.bin";
    public const string Rows = "training-data.csv";
    public const string Sums = "SHA256SUMS";

    /// <summary>The longest archive that is written or read: it holds some two million rows.</summary>
    public const int MostBytes = 64 * 1024 * 1024;

    /// <summary>The longest text beside the rows.</summary>
    public const int MostTextBytes = 4 * 1024 * 1024;

    public static IReadOnlyList<string> Names { get; } = [Version, Metrics, Card, Model, Rows, Sums];

    public static string NameOf(ModelVersion version) => FormattableString.Invariant($"{version.Name}-{version.Version}.zip");
}
