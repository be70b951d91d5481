namespace Titanic.Web.Tests.Passengers;

/// <summary>A stream that returns its bytes in chunks of random size, as from a network.</summary>
internal sealed class ChunkedStream(byte[] bytes, int seed, int maximumChunk = 300) : Stream
{
    private readonly Random _random = new(seed);
    private int _at;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var piece = Math.Min(Math.Min(buffer.Length, bytes.Length - _at), _random.Next(1, maximumChunk + 1));
        bytes.AsMemory(_at, piece).CopyTo(buffer);
        _at += piece;
        return ValueTask.FromResult(piece);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
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
