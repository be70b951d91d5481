using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Titanic.Web.Training.Knn;

internal sealed partial class PointTree<T, TSum>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ScanLeaf(int leaf, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations, ref NearestRows nearest)
    {
        ref var values = ref Leaf(leaf);
        Distances(ref values, query, inverseDeviations, out var first, out var second);
        var within = (Bits(first, nearest.Reach) | Bits(second, nearest.Reach) << Lanes) & Taken(leaf);
        if (within != 0)
            nearest.Add(first, second, within, ref CountsOf(ref values), _hasSingleRowsOnly);
    }

    /// <summary>All rows at exactly this sum; needed only where more points tie than <see cref="NearestRows"/> holds.</summary>
    public RowCounts RowsAt(double sum, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations) =>
        RowsAt(_nodes.Length, 0, sum, query, inverseDeviations);

    private RowCounts RowsAt(int level, int node, double sum, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations)
    {
        var word = 0L;
        if (level == 0)
        {
            ref var values = ref Leaf(node);
            Distances(ref values, query, inverseDeviations, out var first, out var second);
            var tied = Vector512.Create(sum);
            var lanes = (uint)Vector512.Equals(first, tied).ExtractMostSignificantBits() | (uint)Vector512.Equals(second, tied).ExtractMostSignificantBits() << Lanes;
            for (lanes &= Taken(node); lanes != 0; lanes &= lanes - 1)
                word += Unsafe.Add(ref CountsOf(ref values), BitOperations.TrailingZeroCount(lanes));
            return new RowCounts(word); // neither half overflows: a training set has at most 2^31 - 1 rows
        }
        for (var within = ChildrenAround(level - 1, node, sum, query, inverseDeviations); within != 0; within &= within - 1)
            word += RowsAt(level - 1, node * Children + BitOperations.TrailingZeroCount(within), sum, query, inverseDeviations).Word;
        return new RowCounts(word);
    }

    /// <summary>The children whose nearest and farthest corners have the sum between them.</summary>
    private uint ChildrenAround(int level, int parent, double sum, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations)
    {
        ref var ends = ref Boxes(level, parent);
        var (nearest, farthest) = (Vector512<double>.Zero, Vector512<double>.Zero);
        for (var feature = 0; feature < query.Length; feature++)
        {
            var (value, scale) = (Vector512.Create(query[feature]), Vector512.Create(inverseDeviations[feature]));
            var below = Wide(ref ends, feature * 2 * Children) - value;
            var above = value - Wide(ref ends, feature * 2 * Children + Children);
            nearest = TSum.Add(nearest, Vector512.MaxNative(Vector512.MaxNative(below, above), Vector512<double>.Zero), scale);
            farthest = TSum.Add(farthest, Vector512.MinNative(below, above), scale);
        }
        var reached = (uint)Vector512.GreaterThanOrEqual(farthest, Vector512.Create(sum)).ExtractMostSignificantBits();
        return Bits(nearest, sum) & reached & ((1u << Math.Min(Children, _nodes[level] - parent * Children)) - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Distances(
        ref T values, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations, out Vector512<double> first, out Vector512<double> second)
    {
        (first, second) = (Vector512<double>.Zero, Vector512<double>.Zero);
        for (var feature = 0; feature < query.Length; feature++)
        {
            var (value, scale) = (Vector512.Create(query[feature]), Vector512.Create(inverseDeviations[feature]));
            first = TSum.Add(first, Wide(ref values, feature * LeafPoints) - value, scale);
            second = TSum.Add(second, Wide(ref values, feature * LeafPoints + Lanes) - value, scale);
        }
    }

    /// <summary>The lanes of a leaf that hold a point: all sixteen but in the last.</summary>
    private uint Taken(int leaf) => leaf == _nodes[0] - 1 ? uint.MaxValue >> (32 - (_points - leaf * LeafPoints)) : 0xFFFF;

    private ref long CountsOf(ref T leaf) => ref Unsafe.As<T, long>(ref Unsafe.Add(ref leaf, LeafPoints * _dimensions));
}
