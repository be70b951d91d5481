using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Passengers;

/// <summary>Opens datasets: the bundled one, a file, a URL or an upload. Each has a size limit and is hashed while it is read.</summary>
public sealed class DatasetSource(BundledDataset bundled, DatasetDownload download, IOptions<PassengersOptions> options)
{
    public const string Upload = "upload";

    private readonly long _maximumBytes = options.Value.MaximumFileSizeInBytes;

    /// <param name="location">A path, an http or https URL, or null for the bundled dataset.</param>
    /// <param name="cancellation">Cancels opening.</param>
    /// <param name="read">What is specified about the CSV file. Default: everything is detected.</param>
    /// <exception cref="PassengerFileException">The location cannot be read, or the file is larger than allowed.</exception>
    public async Task<Dataset> OpenAsync(string? location, CancellationToken cancellation, CsvReadOptions? read = null)
    {
        if (string.IsNullOrWhiteSpace(location))
            return OpenBundledDataset();
        return location.Contains("://", StringComparison.Ordinal)
            ? await download.OpenAsync(location, cancellation, read)
            : OpenFile(location, read);
    }

    /// <summary>Opens an uploaded file. Disposing the dataset disposes <paramref name="body"/>.</summary>
    /// <param name="description">The name of the upload in run records and messages.</param>
    /// <param name="format">CSV or JSON.</param>
    /// <param name="read">What the sender specified about a CSV file. Default: everything is detected.</param>
    public Dataset OpenUpload(Stream body, string description, DatasetFormat format = DatasetFormat.Csv, CsvReadOptions? read = null) =>
        new(description, new LimitedHashingStream(body, description, _maximumBytes), options.Value) { Format = format, Read = read ?? CsvReadOptions.Detect };

    /// <summary>Checks a path before a run is stored; a URL is not checked.</summary>
    /// <exception cref="PassengerFileException">The file cannot be read, or is larger than allowed.</exception>
    public async Task RequireReadable(string location)
    {
        if (!location.Contains("://", StringComparison.Ordinal))
            await OpenFile(location).DisposeAsync();
    }

    private Dataset OpenBundledDataset()
    {
        const string description = "the bundled passenger list (titanic3)";
        var bytes = bundled.ReadVerifiedBytes();
        return new(description, new LimitedHashingStream(new MemoryStream(bytes), description, bytes.Length), options.Value) { Source = BundledDataset.Source };
    }

    private Dataset OpenFile(string path, CsvReadOptions? read = null)
    {
        if (Directory.Exists(path))
            throw new PassengerFileException($"{path} is a directory; it must be a CSV file.");
        var description = $"the file {path}";
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
            if (file.CanSeek && file.Length > _maximumBytes)
            {
                file.Dispose();
                throw LimitedHashingStream.TooLarge(description, _maximumBytes);
            }
            return new(description, new LimitedHashingStream(file, description, _maximumBytes), options.Value) { Read = read ?? CsvReadOptions.Detect };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new PassengerFileException($"The file {path} cannot be read: {FailureText.OfFile(exception)}. "
                + "Hint: specify a path that this process can read, or an http or https URL.", innerException: exception);
        }
    }
}

/// <summary>The format of a dataset.</summary>
public enum DatasetFormat
{
    Csv,
    Json,
}

/// <summary>An opened dataset: its origin and its bytes, which can be read once from start to end.</summary>
public sealed class Dataset : IAsyncDisposable
{
    private readonly LimitedHashingStream _content;
    private readonly PassengersOptions _options;
    private CompressedContent? _decompressed;

    internal Dataset(string description, LimitedHashingStream content, PassengersOptions options)
    {
        Description = description;
        _content = content;
        _options = options;
    }

    /// <summary>The feature store source of the passengers: "titanic3" for the bundled dataset, "upload" for all others.</summary>
    public string Source { get; internal init; } = DatasetSource.Upload;

    /// <summary>The name in run records and messages. A URL is shown without user, password and query, which may contain secrets.</summary>
    public string Description { get; }

    public DatasetFormat Format { get; internal init; }

    /// <summary>What the sender specified about a CSV file.</summary>
    public CsvReadOptions Read { get; internal init; } = CsvReadOptions.Detect;

    internal IDisposable? Connection { get; init; }

    /// <summary>
    /// The bytes. Reading throws <see cref="PassengerFileException"/> if the file is larger than allowed, is interrupted or times out.
    /// </summary>
    public Stream Content => _content;

    /// <summary>Lower-case hexadecimal SHA-256 of all bytes.</summary>
    /// <exception cref="InvalidOperationException">The content has not been read to the end.</exception>
    public string Sha256 => _content.Sha256;

    /// <summary>Returns a reader for the rows in the format of the dataset. A compressed CSV file is decompressed.</summary>
    /// <param name="now">The latest event time that is allowed.</param>
    /// <param name="cancellation">Cancels reading.</param>
    /// <exception cref="PassengerFileException">The content is not valid, for example because of the CSV header.</exception>
    public async Task<IRowReader<PassengerRow>> ReadPassengersAsync(DateTimeOffset now, CancellationToken cancellation) => Format == DatasetFormat.Json
        ? new PassengerJson(Content, now, _options)
        : await ReadCsvAsync(cancellation);

    /// <inheritdoc cref="ReadPassengersAsync"/>
    public async Task<IRowReader<OutcomeRow>> ReadOutcomesAsync(OutcomeOrigin origin, CancellationToken cancellation)
    {
        if (Format == DatasetFormat.Json)
            return new OutcomeJson(Content, origin, _options);
        var content = await DecompressAsync(cancellation);
        return await OutcomeCsv.OpenAsync((content.Text, content.Compression), origin, Read, _options, cancellation);
    }

    internal async Task<PassengerCsv> ReadCsvAsync(CancellationToken cancellation)
    {
        var content = await DecompressAsync(cancellation);
        return await PassengerCsv.OpenAsync(content.Text, _options, cancellation, Read, content.Compression);
    }

    private async Task<CompressedContent> DecompressAsync(CancellationToken cancellation) =>
        _decompressed = await CompressedContent.OpenAsync(Content, _options.MaximumFileSizeInBytes, cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_decompressed is not null)
            await _decompressed.DisposeAsync();
        await _content.DisposeAsync();
        Connection?.Dispose();
    }
}

/// <summary>
/// Wraps a stream with a size limit, a limit for the total waiting time, and a SHA-256 of the bytes read. Only time spent waiting for data
/// counts, not the time between reads.
/// </summary>
/// <param name="maximumBytes">Reading more bytes throws <see cref="PassengerFileException"/>.</param>
/// <param name="timeout">Maximum total waiting time; null for no limit.</param>
internal sealed class LimitedHashingStream(
    Stream inner, string description, long maximumBytes, TimeSpan? timeout = null, TimeProvider? clock = null) : ReadOnlyStream
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private TimeSpan _waited;
    private long _bytesRead;
    private string? _sha256;

    public string Sha256 => _sha256
        ?? throw new InvalidOperationException($"The SHA-256 of {description} is available only after it has been read to the end.");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await ReadWithTimeoutAsync(buffer, cancellationToken);
        _bytesRead += read;
        if (_bytesRead > maximumBytes)
            throw TooLarge(description, maximumBytes);
        _hash.AppendData(buffer.Span[..read]);
        if (read == 0 && buffer.Length > 0)
            _sha256 ??= Convert.ToHexStringLower(_hash.GetHashAndReset());
        return read;
    }

    public static PassengerFileException TooLarge(string description, long maximumBytes) =>
        new($"{description} is larger than {Quantity.Of(maximumBytes, "byte")}, the maximum. "
            + $"Hint: split the file, or raise {PassengersOptions.Section}:MaximumFileSizeInBytes.");

    private async ValueTask<int> ReadWithTimeoutAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (timeout is null)
            return await ReadCoreAsync(buffer, cancellation);
        var left = timeout.Value - _waited;
        var start = _clock.GetTimestamp();
        using var timeOut = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeOut.Token, cancellation);
        try
        {
            return await ReadCoreAsync(buffer, either.Token);
        }
        catch (OperationCanceledException exception) when (timeOut.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new PassengerFileException(string.Create(CultureInfo.InvariantCulture,
                $"{description} timed out after {Quantity.Of(_bytesRead, "byte")}: the total waiting time exceeded {timeout:c}, the maximum. ")
                + $"Hint: try again, or raise {PassengersOptions.Section}:DownloadTimeOut.", innerException: exception);
        }
        finally
        {
            _waited += _clock.GetElapsedTime(start);
        }
    }

    private async ValueTask<int> ReadCoreAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return await inner.ReadAsync(buffer, cancellation);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw new PassengerFileException(string.Create(CultureInfo.InvariantCulture,
                $"{description} was interrupted after {Quantity.Of(_bytesRead, "byte")}: {FailureText.OfNetwork(exception)}. Hint: try again."), innerException: exception);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }
}
