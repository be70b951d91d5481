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
    public static long Of(string source, Passenger passenger) =>
        Of(passenger.Name is { Length: > 0 } name ? $"name\0{Normalized(name)}" : $"key\0{source}\0{passenger.SourceKey}");

    /// <summary>The first eight bytes, big-endian.</summary>
    public static long Of(string text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), digest);
        return BinaryPrimitives.ReadInt64BigEndian(digest);
    }

    /// <summary>Letters in upper case and digits of ASCII, and everything beyond ASCII as it stands: lists differ in case, blanks and points.</summary>
    private static string Normalized(string name) => string.Create(name.Count(IsKept), name, static (kept, name) =>
    {
        var at = 0;
        foreach (var letter in name)
        {
            if (IsKept(letter))
                kept[at++] = char.IsAsciiLetterLower(letter) ? (char)(letter - 32) : letter;
        }
    });

    private static bool IsKept(char letter) => char.IsAsciiLetterOrDigit(letter) || letter > '\x7F';
}
