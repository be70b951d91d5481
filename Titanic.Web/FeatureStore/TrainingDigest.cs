using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Titanic.Web.FeatureStore;

/// <summary>One labeled row of a training dataset.</summary>
/// <param name="Source">One of <see cref="PassengerSources"/>.</param>
/// <param name="SourceKey">The key of the passenger in its source.</param>
/// <param name="PassengerId">The internal id of the passenger; 0 in a snapshot.</param>
/// <param name="CommitId">The commit that created this version of the passenger; 0 in a snapshot.</param>
/// <param name="Features">The encoded values, shape (n_features,), in the order of the features of the view.</param>
/// <param name="Survived">The label.</param>
/// <param name="IsHeldOut">True for the test set, false for the training set of the hold-out evaluation.</param>
/// <param name="Fold">The cross-validation fold 0..4 of the person; see <see cref="PersonSplit.FoldOf"/>.</param>
/// <param name="PersonKey">The key of the person; null in a dataset by rows. See <see cref="TrainingDataset.IsByPerson"/>.</param>
public readonly record struct TrainingRow(
    string Source, string SourceKey, long PassengerId, long CommitId, double[] Features, bool Survived, bool IsHeldOut, int Fold, long? PersonKey = null);

/// <summary>The rows of a training dataset with equal features, label, side of the split, fold and group, as one weighted point.</summary>
/// <param name="Features">The encoded values, shape (n_features,).</param>
/// <param name="Survived">The label.</param>
/// <param name="IsHeldOut">True for the test set.</param>
/// <param name="Fold">The cross-validation fold 0..4.</param>
/// <param name="Rows">The weight: the number of rows, at least 1.</param>
/// <param name="Group">The person key if different persons have it (persons with the same name); otherwise null.</param>
public readonly record struct TrainingPoint(double[] Features, bool Survived, bool IsHeldOut, int Fold, int Rows, long? Group = null);

/// <summary>
/// A training dataset as weighted points. Equal points can occur more than once if different raw values have the same encoding.
/// </summary>
/// <param name="Views">The views whose features are concatenated in each point.</param>
/// <param name="Points">The points; the sum of their weights is the number of rows.</param>
public sealed record TrainingPoints(IReadOnlyList<FeatureViewSchema> Views, IReadOnlyList<TrainingPoint> Points);

/// <summary>
/// Computes the SHA-256 and the counts of a training dataset incrementally, in constant memory. The canonical bytes of a row are:
/// source in UTF-8, NUL, source key in UTF-8, NUL, point (see <see cref="ITrainingView.WritePoint"/>), label (1 byte, 0 or 1); in a dataset
/// by person then the person key (8 bytes, big-endian), which determines fold and group. Internal ids and the split are excluded, so the
/// same passengers have the same digest in every database.
/// </summary>
/// <param name="view">The view that encoded the rows.</param>
public sealed class TrainingDigest(ITrainingView view) : IDisposable
{
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _bytes = new byte[256];

    /// <summary>Number of rows added.</summary>
    public int Rows { get; private set; }

    /// <summary>Number of rows with the label true.</summary>
    public int Survivors { get; private set; }

    /// <summary>Number of rows in the test set.</summary>
    public int HeldOutRows { get; private set; }

    /// <summary>Adds a row. Rows must be added in canonical order (source, then source key, by UTF-8 bytes).</summary>
    /// <exception cref="OverflowException">There are more than 2147483647 rows.</exception>
    public void Add(TrainingRow row)
    {
        _sha256.AppendData(CanonicalBytes(row));
        Rows = checked(Rows + 1);
        Survivors += row.Survived ? 1 : 0;
        HeldOutRows += row.IsHeldOut ? 1 : 0;
    }

    /// <summary>The SHA-256 of all rows added so far; 64 lower-case hexadecimal digits. More rows can be added afterwards.</summary>
    public string Sha256() => Convert.ToHexStringLower(_sha256.GetCurrentHash());

    /// <summary>The canonical bytes of a row; valid until the next call.</summary>
    internal ReadOnlySpan<byte> CanonicalBytes(TrainingRow row)
    {
        var length = Encoding.UTF8.GetByteCount(row.Source) + Encoding.UTF8.GetByteCount(row.SourceKey) + view.PointLength + 3
            + (row.PersonKey is null ? 0 : sizeof(long));
        if (_bytes.Length < length)
            _bytes = new byte[length];
        var position = Encoding.UTF8.GetBytes(row.Source, _bytes);
        _bytes[position++] = 0;
        position += Encoding.UTF8.GetBytes(row.SourceKey, _bytes.AsSpan(position));
        _bytes[position++] = 0;
        view.WritePoint(row.Features, _bytes.AsSpan(position, view.PointLength));
        position += view.PointLength;
        _bytes[position++] = row.Survived ? (byte)1 : (byte)0;
        if (row.PersonKey is { } key)
            BinaryPrimitives.WriteInt64BigEndian(_bytes.AsSpan(position), key);
        return _bytes.AsSpan(0, length);
    }

    public void Dispose() => _sha256.Dispose();
}
