using System.Buffers.Binary;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>Mutates bytes in several ways; the same seed results in the same mutations.</summary>
internal sealed class ArchiveMutator(ulong seed)
{
    private static readonly uint[] _boundaryValues = [0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF];

    private readonly SeededRandom _random = new(seed);

    public int NextBelow(int limit) => _random.Next(limit);

    /// <returns>Mutated bytes, which can be equal by chance, and a description of the mutation.</returns>
    public (byte[] Bytes, string How) Mutate(byte[] original)
    {
        var at = _random.Next(Math.Max(1, original.Length));
        // The central directory is small but controls the parsing: half of the mutations are there.
        var near = _random.Next(2) == 0 ? Math.Max(0, original.Length - 1 - _random.Next(Math.Min(600, original.Length))) : at;
        return _random.Next(8) switch
        {
            0 or 1 => (Modify(original, bytes => bytes[near] ^= (byte)(1 << _random.Next(8))), $"a bit flipped at {near}"),
            2 => (Modify(original, bytes => bytes[near] = (byte)_random.Next(256)), $"a byte set at {near}"),
            3 => (original[..at], $"truncated at {at}"),
            4 => (original[at..], $"started at {at}"),
            5 => Splice(original, at),
            6 => ([.. original[..at], .. new byte[_random.Next(100)], .. original[at..]], $"zeros inserted at {at}"),
            _ => WriteBoundaryValue(original, near),
        };
    }

    private (byte[] Bytes, string How) Splice(byte[] original, int at)
    {
        var from = _random.Next(original.Length);
        var length = Math.Min(_random.Next(400), original.Length - Math.Max(at, from));
        return (Modify(original, bytes => Array.Copy(original, from, bytes, at, length)), $"{length} bytes of {from} copied to {at}");
    }

    private (byte[] Bytes, string How) WriteBoundaryValue(byte[] original, int near)
    {
        var number = _boundaryValues[_random.Next(_boundaryValues.Length)];
        return original.Length < near + sizeof(uint)
            ? (original[..near], $"truncated at {near}")
            : (Modify(original, bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(near), number)), $"{number} written at {near}");
    }

    private static byte[] Modify(byte[] original, Action<byte[]> modify)
    {
        var bytes = (byte[])original.Clone();
        modify(bytes);
        return bytes;
    }
}
