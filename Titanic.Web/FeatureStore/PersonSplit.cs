using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
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

/// <summary>
/// Who is held out of a training dataset: a pure function of the person's key and the salt. Nobody changes sides while data grow, and
/// two rows that speak of one person stand on the same side, whichever list they came with.
/// </summary>
/// <remarks>Held out if ((<see cref="PersonKey"/> xor the salt's 64 bits) and 2^63 - 1) is less than share · 2^63.</remarks>
public sealed class PersonSplit
{
    /// <summary>Another salt would hold out others, and older versions' hold-out figures could no longer be compared.</summary>
    public const string DefaultSalt = "titanic split 1";
    public const double DefaultShare = 0.2;

    /// <summary>The same rule in SQL, over <c>passengers p</c> and the parameters of <see cref="AddTo"/>.</summary>
    internal const string HeldOut = "((p.person_key # @salt_bits) & 9223372036854775807) <= @last_held_out";

    /// <summary>So many folds in which every person stands once, whatever the salt and the share of a dataset.</summary>
    public const int Folds = 5;

    /// <summary>The fold 0..<see cref="Folds"/>-1 of <see cref="FoldOf"/> in SQL, over <c>passengers p</c> and the parameters of <see cref="AddFoldTo"/>.</summary>
    internal const string Fold = "(((p.person_key # @fold_bits) & 9223372036854775807) / @fold_width)::int";

    private const double TwoToThe63 = 9_223_372_036_854_775_808;
    private const long FoldWidth = (long)((9_223_372_036_854_775_808UL + Folds - 1) / Folds);

    private static readonly long _foldBits = PersonKey.Of("titanic folds 1");

    private readonly long _saltBits;
    private readonly long _lastHeldOut;

    /// <param name="share">0..1, of the persons.</param>
    public PersonSplit(string salt, double share)
    {
        if (share is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "The share that is held out is 0 to 1.");
        _saltBits = PersonKey.Of(salt);
        // Multiplying by a power of two is exact. The largest number that is held out, not the first that is not: 2^63 is no long.
        _lastHeldOut = (long)((ulong)Math.Ceiling(share * TwoToThe63) - 1);
    }

    public bool IsHeldOut(long personKey) => ((personKey ^ _saltBits) & long.MaxValue) <= _lastHeldOut;

    /// <summary>The same for every dataset, so that models of different datasets can be kept from learning the same people.</summary>
    public static int FoldOf(long personKey) => (int)(((personKey ^ _foldBits) & long.MaxValue) / FoldWidth);

    internal void AddTo(NpgsqlParameterCollection parameters)
    {
        parameters.AddWithValue("salt_bits", _saltBits);
        parameters.AddWithValue("last_held_out", _lastHeldOut);
        AddFoldTo(parameters);
    }

    internal static void AddFoldTo(NpgsqlParameterCollection parameters)
    {
        parameters.AddWithValue("fold_bits", _foldBits);
        parameters.AddWithValue("fold_width", FoldWidth);
    }
}
