using System.Globalization;
using System.Security.Cryptography;

namespace Titanic.Web.Passengers;

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
