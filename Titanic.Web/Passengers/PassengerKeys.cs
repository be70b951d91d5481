using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Titanic.Web.Passengers;

/// <summary>
/// Detects keys that occur twice in one file. Numeric keys are stored per source as one bit each, in 64-bit words: consecutive ids need
/// about half a byte per row, so a file of tens of millions of rows needs a few megabytes. Text keys are stored in a hash set.
/// </summary>
internal sealed class DuplicateKeyTracker
{
    private readonly Dictionary<string, Dictionary<long, ulong>> _numbers = [];
    private readonly HashSet<(string Source, string Key)> _textKeys = [];

    /// <returns>False if the number was already added for this source.</returns>
    public bool Add(string source, long number)
    {
        ref var words = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, source, out _);
        ref var word = ref CollectionsMarshal.GetValueRefOrAddDefault(words ??= [], number >> 6, out _);
        var bit = 1UL << (int)(number & 63);
        if ((word & bit) != 0)
            return false;
        word |= bit;
        return true;
    }

    /// <returns>False if the key was already added for this source.</returns>
    public bool Add(string source, string key) => _textKeys.Add((source, key));
}

/// <summary>
/// Keys for rows without an id: <c>row-</c> and the first 16 hexadecimal digits of the SHA-256 of the values and of the number of the row
/// among equal rows. The same file again has the same keys, in any order of its rows and columns. The outcome is one of the values, because
/// equal inputs with different outcomes are different persons: without it the keys would depend on the order of the rows.
/// </summary>
internal sealed class ContentKeys
{
    private readonly Dictionary<ulong, int> _equalRows = [];

    public string Next(Passenger passenger)
    {
        var survived = passenger.Survived switch
        {
            null => "",
            true => "1",
            false => "0",
        };
        var content = string.Create(
            CultureInfo.InvariantCulture,
            $"{passenger.Pclass}\0{SexConverter.Format(passenger.Sex)}\0{passenger.AgeInYears}\0{passenger.FareInPounds}\0{survived}\0{passenger.Name}\0{passenger.EventTime:O}{(passenger.Person is { } person ? $"\0{person}" : "")}");
        ref var equal = ref CollectionsMarshal.GetValueRefOrAddDefault(_equalRows, Hash(content), out _);
        equal++;
        return string.Create(CultureInfo.InvariantCulture, $"row-{Hash(string.Create(CultureInfo.InvariantCulture, $"{content}\0{equal}")):x16}");
    }

    private static ulong Hash(string text) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
