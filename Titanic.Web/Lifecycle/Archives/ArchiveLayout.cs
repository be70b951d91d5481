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

/// <summary>An archive that is not taken; the message says what was seen and what is allowed.</summary>
public sealed class ArchiveRefusedException(string sentence, bool isTooLarge = false) : Exception(sentence)
{
    public bool IsTooLarge => isTooLarge;

    public static ArchiveRefusedException TooLarge(long bytes) => new(
        FormattableString.Invariant($"The archive has {bytes} bytes or more; it may have {ArchiveLayout.MostBytes}."), isTooLarge: true);
}

/// <summary>A file without a name for as long as it is open: what is sent or received is whole and checked before anybody relies on it, without being held in memory.</summary>
internal static class SpooledFile
{
    private const int BufferSize = 64 * 1024;

    public static FileStream Create()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), options);
    }

    /// <exception cref="ArchiveRefusedException">There are more bytes than an archive may have.</exception>
    public static async Task<FileStream> Of(Stream body, CancellationToken cancellation)
    {
        var file = Create();
        try
        {
            var buffer = new byte[BufferSize];
            while (await body.ReadAsync(buffer, cancellation) is var read and > 0)
            {
                if (file.Length + read > ArchiveLayout.MostBytes)
                    throw ArchiveRefusedException.TooLarge(file.Length + read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }
}
