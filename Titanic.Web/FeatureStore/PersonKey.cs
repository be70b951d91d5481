using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// Who a row speaks of, as 64 bits of SHA-256. Two rows with the same name are taken for the same person, whichever list they stand
/// in, so that a person never stands on both sides of a split; a row without a name is a person of its own.
/// </summary>
public static class PersonKey
{
    private const int UsualLength = 256;

    public static long Of(string source, Passenger passenger) =>
        passenger.Name is { Length: > 0 } name ? OfName(name) : Of($"key\0{source}\0{passenger.SourceKey}");

    /// <summary>The first eight bytes, big-endian.</summary>
    public static long Of(ReadOnlySpan<char> text)
    {
        var mostBytes = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = text.Length <= UsualLength ? stackalloc byte[mostBytes] : new byte[mostBytes];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(text, bytes)], digest);
        return BinaryPrimitives.ReadInt64BigEndian(digest);
    }

    /// <summary>Letters in upper case and digits of ASCII, and everything beyond ASCII as it stands: lists differ in case, blanks and points.</summary>
    private static long OfName(string name)
    {
        const string kind = "name\0";
        Span<char> text = name.Length <= UsualLength ? stackalloc char[kind.Length + UsualLength] : new char[kind.Length + name.Length];
        kind.CopyTo(text);
        var end = kind.Length;
        foreach (var letter in name)
        {
            if (IsKept(letter))
                text[end++] = char.IsAsciiLetterLower(letter) ? (char)(letter - 32) : letter;
        }
        return Of(text[..end]);
    }

    private static bool IsKept(char letter) => char.IsAsciiLetterOrDigit(letter) || letter > '\x7F';
}
