using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

/// <summary>A stream that returns its bytes in chunks of random size, as from a network.</summary>
internal sealed class ChunkedStream(byte[] bytes, int seed, int maximumChunk = 300) : ReadOnlyStream
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
}
