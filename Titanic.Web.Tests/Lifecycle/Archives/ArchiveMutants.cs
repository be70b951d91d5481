using System.Buffers.Binary;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>Damaged bytes of every kind, the same for the same seed.</summary>
internal sealed class ArchiveMutants(ulong seed)
{
    private static readonly uint[] _strange = [0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF];

    private readonly SeededRandom _random = new(seed);

    public int Below(int limit) => _random.Next(limit);

    /// <returns>Other bytes, or by chance the same, and what was done to them.</returns>
    public (byte[] Bytes, string How) Of(byte[] sound)
    {
        var at = _random.Next(Math.Max(1, sound.Length));
        // The directory at the end is a small part of the whole and decides most: half of the damage goes there.
        var near = _random.Next(2) == 0 ? Math.Max(0, sound.Length - 1 - _random.Next(Math.Min(600, sound.Length))) : at;
        return _random.Next(8) switch
        {
            0 or 1 => (With(sound, bytes => bytes[near] ^= (byte)(1 << _random.Next(8))), $"a bit flipped at {near}"),
            2 => (With(sound, bytes => bytes[near] = (byte)_random.Next(256)), $"a byte set at {near}"),
            3 => (sound[..at], $"cut off at {at}"),
            4 => (sound[at..], $"begun at {at}"),
            5 => Spliced(sound, at),
            6 => ([.. sound[..at], .. new byte[_random.Next(100)], .. sound[at..]], $"grown at {at}"),
            _ => Strange(sound, near),
        };
    }

    private (byte[] Bytes, string How) Spliced(byte[] sound, int at)
    {
        var from = _random.Next(sound.Length);
        var length = Math.Min(_random.Next(400), sound.Length - Math.Max(at, from));
        return (With(sound, bytes => Array.Copy(sound, from, bytes, at, length)), $"{length} bytes of {from} put at {at}");
    }

    private (byte[] Bytes, string How) Strange(byte[] sound, int near)
    {
        var number = _strange[_random.Next(_strange.Length)];
        return sound.Length < near + sizeof(uint)
            ? (sound[..near], $"cut off at {near}")
            : (With(sound, bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(near), number)), $"{number} written at {near}");
    }

    private static byte[] With(byte[] sound, Action<byte[]> damage)
    {
        var bytes = (byte[])sound.Clone();
        damage(bytes);
        return bytes;
    }
}
