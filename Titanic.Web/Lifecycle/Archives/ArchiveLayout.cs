using Titanic.Web.Registry;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>
/// The files of a version's archive. They are stored in this order, uncompressed and without timestamps, so that a version has the same
/// archive on every machine and an archive cannot be a decompression bomb.
/// </summary>
public static class ArchiveLayout
{
    public const string Version = "version.json";
    public const string Metrics = "metrics.json";
    public const string Card = "model-card.md";
    public const string Model = "model.bin";
    public const string Rows = "training-data.csv";
    public const string Sums = "SHA256SUMS";

    /// <summary>Maximum size of an archive, 64 MiB: about two million rows.</summary>
    public const int MaximumBytes = 64 * 1024 * 1024;

    /// <summary>Maximum size of each text file except the rows, 4 MiB.</summary>
    public const int MaximumTextBytes = 4 * 1024 * 1024;

    public static IReadOnlyList<string> Names { get; } = [Version, Metrics, Card, Model, Rows, Sums];

    public static string NameOf(ModelVersion version) => FormattableString.Invariant($"{version.Name}-{version.Version}.zip");
}

/// <summary>An archive is invalid; the message states the value seen and the values allowed.</summary>
public sealed class InvalidArchiveException(string message, bool isTooLarge = false) : Exception(message)
{
    /// <summary>Whether the archive exceeds <see cref="ArchiveLayout.MaximumBytes"/>.</summary>
    public bool IsTooLarge => isTooLarge;

    public static InvalidArchiveException TooLarge(long bytes) => new(
        FormattableString.Invariant($"The archive has {bytes:#,##0} bytes or more; it must have at most {ArchiveLayout.MaximumBytes:#,##0}."), isTooLarge: true);
}

/// <summary>
/// A temporary file that is deleted when it is closed: an archive is completely written or received, and checked, without being held in
/// memory.
/// </summary>
internal static class TemporaryFile
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

    /// <summary>Copies a request body to a temporary file.</summary>
    /// <exception cref="InvalidArchiveException">The body exceeds <see cref="ArchiveLayout.MaximumBytes"/>.</exception>
    public static async Task<FileStream> CopyFrom(Stream body, CancellationToken cancellation)
    {
        var file = Create();
        try
        {
            var buffer = new byte[BufferSize];
            while (await body.ReadAsync(buffer, cancellation) is var read and > 0)
            {
                if (file.Length + read > ArchiveLayout.MaximumBytes)
                    throw InvalidArchiveException.TooLarge(file.Length + read);
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
