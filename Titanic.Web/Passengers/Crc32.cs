namespace Titanic.Web.Passengers;

/// <summary>
/// The CRC-32 of zip files (reflected polynomial 0xEDB88320). It detects accidental changes only; SHA-256 detects forgeries.
/// </summary>
internal struct Crc32()
{
    private static readonly uint[] _table = [.. Enumerable.Range(0, 256).Select(index => Remainder((uint)index))];

    private uint _inverted = uint.MaxValue;

    public readonly uint Value => ~_inverted;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
            _inverted = _table[(byte)(_inverted ^ value)] ^ (_inverted >> 8);
    }

    private static uint Remainder(uint value)
    {
        for (var bit = 0; bit < 8; bit++)
            value = (value & 1) == 0 ? value >> 1 : 0xEDB88320 ^ (value >> 1);
        return value;
    }
}
