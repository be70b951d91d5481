using System.Globalization;
using System.Security.Cryptography;
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
    public Dataset OpenUpload(Stream body, string description, DatasetFormat format = DatasetFormat.Csv) =>
        new(description, new LimitedHashingStream(body, description, _maximumBytes), options.Value) { Format = format };

    private Dataset OpenBundledDataset()
    {
        const string description = "the shipped passenger list (titanic3)";
        var bytes = bundled.ReadVerifiedBytes();
        return new(description, new LimitedHashingStream(new MemoryStream(bytes), description, bytes.Length), options.Value) { Source = BundledDataset.Source };
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
            return new(description, new LimitedHashingStream(file, description, _maximumBytes), options.Value);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new PassengerFileException($"The file {path} cannot be read: {trouble.Message} "
                + "Hint: give a path that this process may read, or an http or https URL.", cause: trouble);
        }
    }
}

/// <summary>How a list is written.</summary>
public enum DatasetFormat
{
    Csv,
    Json,
}

/// <summary>One opened passenger list: where it comes from and its bytes, to be read once from the beginning to the end.</summary>
public sealed class Dataset : IAsyncDisposable
{
    private readonly LimitedHashingStream _content;
    private readonly PassengersOptions _options;

    internal Dataset(string description, LimitedHashingStream content, PassengersOptions options)
    {
        Description = description;
        _content = content;
        _options = options;
    }

    /// <summary>"titanic3" for the bundled list, "upload" for everything else: the feature store's source of its passengers.</summary>
    public string Source { get; internal init; } = DatasetSource.Upload;

    /// <summary>For run records and messages; a URL appears without its user, password and query, which may hold secrets.</summary>
    public string Description { get; }

    public DatasetFormat Format { get; internal init; }

    internal IDisposable? Connection { get; init; }

    /// <summary>
    /// Reading throws <see cref="PassengerFileException"/> when the file is larger than allowed, breaks off or keeps us waiting too long.
    /// </summary>
    public Stream Content => _content;

    /// <summary>Lower-case hexadecimal SHA-256 of all bytes.</summary>
    /// <exception cref="InvalidOperationException">The content has not been read to its end.</exception>
    public string Sha256 => _content.Sha256;

    /// <param name="now">Nobody can have sailed later.</param>
    /// <exception cref="PassengerFileException">The content cannot be read at all, such as a CSV file with another header.</exception>
    public async Task<IRowReader<PassengerRow>> ReadPassengersAsync(DateTimeOffset now, CancellationToken cancellation) => Format == DatasetFormat.Json
        ? new PassengerJson(Content, now, _options)
        : await PassengerCsv.OpenAsync(Content, _options, cancellation);

    /// <inheritdoc cref="ReadPassengersAsync"/>
    public async Task<IRowReader<OutcomeRow>> ReadOutcomesAsync(OutcomeOrigin origin, CancellationToken cancellation) => Format == DatasetFormat.Json
        ? new OutcomeJson(Content, origin, _options)
        : await OutcomeCsv.OpenAsync(Content, origin, _options, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _content.DisposeAsync();
        Connection?.Dispose();
    }
}

/// <summary>
/// A foreign stream under our conditions: not more than so many bytes, not more than so long a wait in sum, and hashed on the way.
/// Only the waiting counts, not the reader's own work between two reads.
/// </summary>
internal sealed class LimitedHashingStream(
    Stream inner, string description, long maximumBytes, TimeSpan? patience = null, TimeProvider? clock = null) : Stream
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private TimeSpan _waited;
    private long _bytesRead;
    private string? _sha256;

    public string Sha256 => _sha256
        ?? throw new InvalidOperationException($"The SHA-256 of {description} is known only when it has been read to its end.");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await ReadPatientlyAsync(buffer, cancellationToken);
        _bytesRead += read;
        if (_bytesRead > maximumBytes)
            throw TooLarge(description, maximumBytes);
        _hash.AppendData(buffer.Span[..read]);
        if (read == 0 && buffer.Length > 0)
            _sha256 ??= Convert.ToHexStringLower(_hash.GetHashAndReset());
        return read;
    }

    public static PassengerFileException TooLarge(string description, long maximumBytes) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{description} is larger than {maximumBytes} bytes, which is the most allowed. ")
            + $"Hint: split the file, or raise {PassengersOptions.Section}:MaximumFileSizeInBytes.");

    private async ValueTask<int> ReadPatientlyAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (patience is null)
            return await ReadOrBreakOffAsync(buffer, cancellation);
        var left = patience.Value - _waited;
        var start = _clock.GetTimestamp();
        using var timeOut = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeOut.Token, cancellation);
        try
        {
            return await ReadOrBreakOffAsync(buffer, either.Token);
        }
        catch (OperationCanceledException trouble) when (timeOut.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new PassengerFileException(string.Create(CultureInfo.InvariantCulture,
                $"{description} did not arrive in time: {_bytesRead} bytes came, and waiting longer than {patience:c} is not allowed. ")
                + $"Hint: try again, or raise {PassengersOptions.Section}:DownloadTimeOut.", cause: trouble);
        }
        finally
        {
            _waited += _clock.GetElapsedTime(start);
        }
    }

    private async ValueTask<int> ReadOrBreakOffAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return await inner.ReadAsync(buffer, cancellation);
        }
        catch (Exception trouble) when (trouble is IOException or HttpRequestException)
        {
            throw new PassengerFileException(string.Create(CultureInfo.InvariantCulture,
                $"{description} broke off after {_bytesRead} bytes: {trouble.Message} Hint: try again."), cause: trouble);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A passenger file is read asynchronously only.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
