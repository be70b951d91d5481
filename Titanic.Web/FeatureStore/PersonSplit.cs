using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// The identity of a person as the first 64 bits of a SHA-256. Rows with the same name have the same key in all sources, so that a
/// person is never in the training set and in the test set. The key of a row without a name is that of the person that its source declares,
/// else of source and source key.
/// </summary>
public static class PersonKey
{
    private const int MaximumStackLength = 256;

    /// <summary>Returns the key of the person of a row.</summary>
    public static long Of(string source, Passenger passenger) => passenger switch
    {
        { Name: { } name } when name.Any(IsSignificant) => FromName(name),
        { Person: { } person } => Of($"person\0{source}\0{person}"),
        _ => Of($"key\0{source}\0{passenger.SourceKey}"),
    };

    /// <summary>Returns the first eight bytes, big-endian, of the SHA-256 of the text in UTF-8.</summary>
    public static long Of(ReadOnlySpan<char> text)
    {
        var mostBytes = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = text.Length <= MaximumStackLength ? stackalloc byte[mostBytes] : new byte[mostBytes];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(text, bytes)], digest);
        return BinaryPrimitives.ReadInt64BigEndian(digest);
    }

    /// <summary>
    /// Normalizes the name: composed letters, so that "O" with U+0308 equals "Ö"; letters in upper case, and digits; spaces, punctuation and
    /// other combining marks are removed.
    /// </summary>
    private static long FromName(string name)
    {
        const string kind = "name\0";
        name = ComposedLetters.Compose(name);
        Span<char> text = name.Length <= MaximumStackLength ? stackalloc char[kind.Length + MaximumStackLength] : new char[kind.Length + name.Length];
        kind.CopyTo(text);
        var end = kind.Length;
        foreach (var character in name)
        {
            if (IsSignificant(character))
                text[end++] = char.ToUpperInvariant(character);
        }
        return Of(text[..end]);
    }

    /// <summary>Letters and digits, also those that UTF-16 encodes as two surrogates.</summary>
    private static bool IsSignificant(char character) => char.IsLetterOrDigit(character) || char.IsSurrogate(character);
}

/// <summary>
/// Splits persons into training and test set by a hash of the person key and the salt. New data never move a person to the other set,
/// and all rows of a person are in the same set. It also assigns each person to one of <see cref="Folds"/> folds for group k-fold
/// cross-validation.
/// </summary>
/// <remarks>
/// A person is in the test set if ((<see cref="PersonKey"/> xor 64-bit hash of the salt) and (2^63 - 1)) is less than share · 2^63.
/// </remarks>
public sealed class PersonSplit
{
    /// <summary>
    /// The default salt. Hold-out metrics of versions with different salts cannot be compared, because their test sets differ.
    /// </summary>
    public const string DefaultSalt = "titanic split 1";

    /// <summary>The default share of persons in the test set.</summary>
    public const double DefaultShare = 0.2;

    /// <summary><see cref="IsHeldOut"/> as SQL over <c>passengers p</c> with the parameters of <see cref="AddParameters"/>.</summary>
    internal const string HeldOutSql = "((p.person_key # @salt_bits) & 9223372036854775807) <= @last_held_out";

    /// <summary>The number of folds. The folds do not depend on the salt and the share of a dataset.</summary>
    public const int Folds = 5;

    /// <summary><see cref="FoldOf"/> as SQL over <c>passengers p</c> with the parameters of <see cref="AddFoldParameters"/>.</summary>
    internal static readonly string FoldSql = FoldSqlOf("p.person_key");

    private const double TwoToThe63 = 9_223_372_036_854_775_808;
    private const long FoldWidth = (long)((9_223_372_036_854_775_808UL + Folds - 1) / Folds);

    private static readonly long _foldBits = PersonKey.Of("titanic folds 1");

    private readonly long _saltBits;
    private readonly long _lastHeldOut;

    /// <summary>Creates a split.</summary>
    /// <param name="salt">Any text; different salts select different test sets.</param>
    /// <param name="share">Expected share of persons in the test set, 0 to 1 inclusive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not in 0..1.</exception>
    public PersonSplit(string salt, double share)
    {
        if (share is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, ErrorText.OutOfRange("The hold-out share", share, 0, 1));
        _saltBits = PersonKey.Of(salt);
        // Multiplication by a power of two is exact. The inclusive bound is stored, because 2^63 does not fit in a long.
        _lastHeldOut = (long)((ulong)Math.Ceiling(share * TwoToThe63) - 1);
    }

    /// <summary>Whether a person is in the test set.</summary>
    public bool IsHeldOut(long personKey) => ((personKey ^ _saltBits) & long.MaxValue) <= _lastHeldOut;

    /// <summary>
    /// The fold 0..4 of a person. It is the same for all datasets, so that models trained on different datasets can be evaluated on
    /// persons that none of them was trained on.
    /// </summary>
    public static int FoldOf(long personKey) => (int)(((personKey ^ _foldBits) & long.MaxValue) / FoldWidth);

    internal void AddParameters(NpgsqlParameterCollection parameters)
    {
        parameters.AddWithValue("salt_bits", _saltBits);
        parameters.AddWithValue("last_held_out", _lastHeldOut);
        AddFoldParameters(parameters);
    }

    /// <summary><see cref="FoldOf"/> as SQL for an expression of a person key.</summary>
    internal static string FoldSqlOf(string personKey) => $"(((({personKey}) # @fold_bits) & 9223372036854775807) / @fold_width)::int";

    internal static void AddFoldParameters(NpgsqlParameterCollection parameters)
    {
        parameters.AddWithValue("fold_bits", _foldBits);
        parameters.AddWithValue("fold_width", FoldWidth);
    }
}
