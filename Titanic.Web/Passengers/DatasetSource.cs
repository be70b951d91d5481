using Microsoft.Extensions.Options;

namespace Titanic.Web.Passengers;

/// <summary>Opens passenger lists: the shipped one, a file, a URL or an upload, each bounded and measured.</summary>
public sealed class DatasetSource(BundledDataset bundled, DatasetDownload download, IOptions<PassengersOptions> options)
{
    public const string Upload = "upload";

    private readonly long _maximumBytes = options.Value.MaximumFileSizeInBytes;

    /// <param name="location">A path, an http or https URL, or null for the shipped list.</param>
    /// <exception cref="PassengerFileException">Nothing can be read there, or it is larger than allowed.</exception>
    public async Task<Dataset> OpenAsync(string? location, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(location))
            return OpenBundledDataset();
        return location.Contains("://", StringComparison.Ordinal)
            ? await download.OpenAsync(location, cancellation)
            : OpenFile(location);
    }

    /// <summary>A list that somebody sends us; the caller's stream is disposed with the data set.</summary>
    /// <param name="description">Whose or which upload, for run records and messages.</param>
    public Dataset OpenUpload(Stream body, string description) =>
        new(Upload, description, new LimitedHashingStream(body, description, _maximumBytes));

    private Dataset OpenBundledDataset()
    {
        const string description = "the shipped passenger list (titanic3)";
        var bytes = bundled.ReadVerifiedBytes();
        return new(BundledDataset.Source, description, new LimitedHashingStream(new MemoryStream(bytes), description, bytes.Length));
    }

    private Dataset OpenFile(string path)
    {
        if (Directory.Exists(path))
            throw new PassengerFileException($"{path} is a directory; a CSV file is needed.");
        var description = $"the file {path}";
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
            if (file.CanSeek && file.Length > _maximumBytes)
            {
                file.Dispose();
                throw LimitedHashingStream.TooLarge(description, _maximumBytes);
            }
            return new(Upload, description, new LimitedHashingStream(file, description, _maximumBytes));
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new PassengerFileException($"The file {path} cannot be read: {trouble.Message} "
                + "Hint: give a path that this process may read, or an http or https URL.", cause: trouble);
        }
    }
}
