using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Titanic.Web.FeatureStore;

/// <summary>One labelled row of a training dataset in the view <c>titanic_binned</c> v1.</summary>
/// <param name="CommitId">The commit that brought this version of the passenger.</param>
/// <param name="Held">Whether the split holds the row out of the hold-out model's training.</param>
public readonly record struct TrainingRow(string Source, string SourceKey, long PassengerId, long CommitId, BinnedPoint Point, bool Survived, bool Held)
{
    /// <summary>
    /// The row's canonical bytes: source, NUL, source key, NUL, point code (little-endian int16), label (one byte). Our own ids are
    /// left out on purpose: the same passengers give the same bytes in every database.
    /// </summary>
    public byte[] Canonical()
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(Source) + Encoding.UTF8.GetByteCount(SourceKey) + 5];
        var at = Encoding.UTF8.GetBytes(Source, bytes);
        at += 1 + Encoding.UTF8.GetBytes(SourceKey, bytes.AsSpan(at + 1));
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(at + 1), Point.Code);
        bytes[^1] = Survived ? (byte)1 : (byte)0;
        return bytes;
    }

    /// <summary>
    /// Whether a passenger is held out: a pure function of key and salt, so a passenger never changes sides while data grows.
    /// The first eight bytes of SHA-256(salt NUL source NUL key) are read as a fraction of 1 and compared with the share.
    /// </summary>
    public static bool IsHeldOut(string source, string sourceKey, string salt, double testShare)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{salt}\0{source}\0{sourceKey}"));
        return (BinaryPrimitives.ReadUInt64BigEndian(digest) >> 11) * (1.0 / (1UL << 53)) < testShare;
    }

    /// <summary>SHA-256 over the canonical bytes of all rows, in the order given; lower-case hexadecimal.</summary>
    public static string DigestOf(IEnumerable<TrainingRow> rows)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var row in rows)
            sha256.AppendData(row.Canonical());
        return Convert.ToHexStringLower(sha256.GetHashAndReset());
    }
}
