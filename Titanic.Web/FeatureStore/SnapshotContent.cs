using System.Runtime.InteropServices;

namespace Titanic.Web.FeatureStore;

/// <summary>What a snapshot holds, for training and for whoever compares it with a training dataset.</summary>
/// <param name="Points">Every row; equal ones are counted together.</param>
/// <param name="Sha256">As <see cref="TrainingDigest"/> gives it.</param>
public sealed record SnapshotContent(TrainingPoints Points, int Rows, int Survivors, int HeldOutRows, string Sha256)
{
    /// <exception cref="InvalidDataException">As by <see cref="TrainingSnapshot.Read"/>.</exception>
    public static SnapshotContent Read(Stream csv, ITrainingView view)
    {
        using var digest = new TrainingDigest(view);
        var points = new Dictionary<string, TrainingPoint>(StringComparer.Ordinal);
        var found = points.GetAlternateLookup<ReadOnlySpan<char>>();
        var key = new byte[(view.PointLength + 4) / 2 * 2];
        foreach (var row in TrainingSnapshot.Read(csv, view))
        {
            digest.Add(row);
            view.WritePoint(row.Features, key);
            (key[^3], key[^2], key[^1]) = (row.Survived ? (byte)1 : (byte)0, row.IsHeldOut ? (byte)1 : (byte)0, (byte)row.Fold);
            ref var point = ref CollectionsMarshal.GetValueRefOrAddDefault(found, MemoryMarshal.Cast<byte, char>(key), out var isKnown);
            point = isKnown ? point with { Rows = point.Rows + 1 } : new TrainingPoint(row.Features, row.Survived, row.IsHeldOut, row.Fold, 1);
        }
        return new SnapshotContent(new TrainingPoints([view.Schema], [.. points.Values]), digest.Rows, digest.Survivors, digest.HeldOutRows, digest.Sha256());
    }
}
