using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Titanic.Web.Training.Knn;

internal ref partial struct NearestRows
{
    /// <summary>Rows at one distance, in standard deviations.</summary>
    public record struct Group(double Distance, RowCounts Counts);

    /// <summary>Whether every place is taken by rows that vote: more that tie with the last may have had to go, so those at <see cref="Reach"/> must be counted anew.</summary>
    public readonly bool MayLackTies => _sums[^1] <= Reach;

    /// <summary>All kept rows up to a sum.</summary>
    public readonly RowCounts RowsWithin(double sum)
    {
        var words = Vector512<long>.Zero;
        for (var at = 0; at < _sums.Length; at += Lanes)
        {
            var isWithin = Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(_sums), (nuint)at), Vector512.Create(sum));
            words += isWithin.AsInt64() & Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(_counts), (nuint)at);
        }
        return new RowCounts(Vector512.Sum(words));
    }

    /// <summary>The rows within <see cref="Reach"/> by ascending distance, written into <paramref name="room"/> (<see cref="Room"/> long).</summary>
    /// <param name="tied">All rows at <see cref="Reach"/>, where they were counted anew.</param>
    public readonly Span<Group> Groups(IPointTree tree, RowCounts? tied, Span<Group> room)
    {
        var groups = 0;
        for (var index = 0; index < _sums.Length && _sums[index] <= Reach && _counts[index] != 0; index++)
        {
            var counts = new RowCounts(_counts[index]);
            if (groups > 0 && _sums[index] == _sums[index - 1])
                room[groups - 1] = room[groups - 1] with { Counts = room[groups - 1].Counts + counts };
            else
                room[groups++] = new Group(tree.Distance(_sums[index]), counts);
        }
        if (tied is { } all)
            room[groups - 1] = room[groups - 1] with { Counts = all };
        return room[..groups];
    }
}
