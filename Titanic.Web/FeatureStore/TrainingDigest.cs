using System.Security.Cryptography;
using System.Text;

namespace Titanic.Web.FeatureStore;

/// <summary>One labelled row of a training dataset.</summary>
/// <param name="CommitId">The commit that brought this version of the passenger.</param>
/// <param name="Features">The encoded values in the order of the view's features.</param>
/// <param name="IsHeldOut">Whether the split keeps the row out of the hold-out model's training.</param>
/// <param name="Fold">Where <see cref="PersonSplit.FoldOf"/> puts its person.</param>
public readonly record struct TrainingRow(
    string Source, string SourceKey, long PassengerId, long CommitId, double[] Features, bool Survived, bool IsHeldOut, int Fold);

/// <summary><paramref name="Rows"/> rows of a training dataset that have everything in common that a learner sees.</summary>
/// <param name="Fold">Where <see cref="PersonSplit.FoldOf"/> puts their persons.</param>
public readonly record struct TrainingPoint(double[] Features, bool Survived, bool IsHeldOut, int Fold, int Rows);

/// <summary>A whole training dataset as weighted points. Points may repeat where different raw values are encoded alike.</summary>
/// <param name="Views">Whose features a point holds, one view after another.</param>
public sealed record TrainingPoints(IReadOnlyList<FeatureViewSchema> Views, IReadOnlyList<TrainingPoint> Points);

/// <summary>
/// Counts and digests the rows of a training dataset one after another, in constant memory. A row's canonical bytes are source, NUL,
/// source key, NUL, point (see <see cref="ITrainingView.WritePoint"/>), label (one byte). Our own ids and the split are left out on
/// purpose: the same passengers give the same digest in every database.
/// </summary>
public sealed class TrainingDigest(ITrainingView view) : IDisposable
{
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _bytes = new byte[256];

    public int Rows { get; private set; }
    public int Survivors { get; private set; }
    public int HeldOutRows { get; private set; }

    public void Add(TrainingRow row)
    {
        _sha256.AppendData(Canonical(row));
        Rows = checked(Rows + 1);
        Survivors += row.Survived ? 1 : 0;
        HeldOutRows += row.IsHeldOut ? 1 : 0;
    }

    /// <summary>Of all rows so far; lower-case hexadecimal.</summary>
    public string Sha256() => Convert.ToHexStringLower(_sha256.GetCurrentHash());

    /// <summary>Valid until the next row.</summary>
    internal ReadOnlySpan<byte> Canonical(TrainingRow row)
    {
        var length = Encoding.UTF8.GetByteCount(row.Source) + Encoding.UTF8.GetByteCount(row.SourceKey) + view.PointLength + 3;
        if (_bytes.Length < length)
            _bytes = new byte[length];
        var at = Encoding.UTF8.GetBytes(row.Source, _bytes);
        _bytes[at++] = 0;
        at += Encoding.UTF8.GetBytes(row.SourceKey, _bytes.AsSpan(at));
        _bytes[at++] = 0;
        view.WritePoint(row.Features, _bytes.AsSpan(at, view.PointLength));
        _bytes[length - 1] = row.Survived ? (byte)1 : (byte)0;
        return _bytes.AsSpan(0, length);
    }

    public void Dispose() => _sha256.Dispose();
}
