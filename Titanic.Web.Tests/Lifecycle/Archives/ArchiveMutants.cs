using System.Buffers.Binary;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>Mutates bytes in several ways; the same seed results in the same mutations.</summary>
internal sealed class ArchiveMutants(ulong seed)
{
    private static readonly uint[] _strange = [0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF];

    private readonly SeededRandom _random = new(seed);

    public int Below(int limit) => _random.Next(limit);

    /// <returns>Mutated bytes, which can be equal by chance, and a description of the mutation.</returns>
    public (byte[] Bytes, string How) Of(byte[] sound)
    {
        var at = _random.Next(Math.Max(1, sound.Length));
        // The central directory is small but controls the parsing: half of the mutations are there.
        var near = _random.Next(2) == 0 ? Math.Max(0, sound.Length - 1 - _random.Next(Math.Min(600, sound.Length))) : at;
        return _random.Next(8) switch
        {
            0 or 1 => (With(sound, bytes => bytes[near] ^= (byte)(1 << _random.Next(8))), $"a bit flipped at {near}"),
            2 => (With(sound, bytes => bytes[near] = (byte)_random.Next(256)), $"a byte set at {near}"),
            3 => (sound[..at], $"truncated at {at}"),
            4 => (sound[at..], $"started at {at}"),
            5 => Spliced(sound, at),
            6 => ([.. sound[..at], .. new byte[_random.Next(100)], .. sound[at..]], $"zeros inserted at {at}"),
            _ => Strange(sound, near),
        };
    }

    private (byte[] Bytes, string How) Spliced(byte[] sound, int at)
    {
        var from = _random.Next(sound.Length);
        var length = Math.Min(_random.Next(400), sound.Length - Math.Max(at, from));
        return (With(sound, bytes => Array.Copy(sound, from, bytes, at, length)), $"{length} bytes of {from} copied to {at}");
    }

    private (byte[] Bytes, string How) Strange(byte[] sound, int near)
    {
        var number = _strange[_random.Next(_strange.Length)];
        return sound.Length < near + sizeof(uint)
            ? (sound[..near], $"truncated at {near}")
            : (With(sound, bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(near), number)), $"{number} written at {near}");
    }

    private static byte[] With(byte[] sound, Action<byte[]> damage)
    {
        var bytes = (byte[])sound.Clone();
        damage(bytes);
        return bytes;
    }
}
