using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// K-d tree (J. L. Bentley, "Multidimensional binary search trees used for associative searching", 1975, doi:10.1145/361002.361007) over
/// the distinct points of a training set. Leaves hold 16 points, inner nodes the bounding boxes of 8 children. Every leaf except the last
/// is full, so no pointers are needed. The tree stores raw values; the scale is an argument of each search.
/// <para>
/// The search is exact: a point within a box differs from the query in every feature by at least as much as the box does. Subtraction,
/// multiplication and addition round monotonically, and the bound of a box is summed by the same steps in the same order as a distance. So
/// no computed distance in a box is below the computed bound of the box, and a box is skipped only if its bound exceeds the distance of the
/// k-th nearest row found so far by more than the tolerance of ties (<see cref="NearestRows.Reach"/>). A skipped point can therefore neither
/// be among the k nearest nor tie with the last of them. The same holds for the upper bound: no computed distance in a box exceeds the sum of its farthest corner.
/// </para>
/// </summary>
/// <typeparam name="T">
/// Single if all values are exact Singles, which halves the memory that a search reads; else Double. Distances are Double.
/// </typeparam>
/// <typeparam name="TSum">Distance metric.</typeparam>
internal sealed class PointTree<T, TSum> : IPointTree
    where T : unmanaged, INumber<T>
    where TSum : IDistanceSum
{
    /// <summary>Number of points of a full leaf.</summary>
    public const int LeafSize = 16;
    private const int Children = 8;
    private const int Lanes = 8;

    /// <summary>
    /// Node numbers use the low 27 bits, the level the bits above. A level has at most 2^27 nodes, because there are at most 2^31 points.
    /// </summary>
    private const int LevelShift = 27;

    /// <summary>
    /// Up to this many leaves, all are scanned without visiting boxes. Measured with 48 to 250 points: at least as fast as a tree search.
    /// </summary>
    private const int MaximumScannedLeaves = 6;

    /// <summary>Up to this many leaves remain in the second-level cache without prefetching.</summary>
    private const int CachedLeaves = 1024;

    /// <summary>Number of next children that are prefetched.</summary>
    private const int PrefetchedChildren = 3;

    private readonly int _dimensions;
    private readonly int _pointCount;
    private readonly bool _hasSingleRowsOnly;

    /// <summary>One block per leaf: for each feature 16 values, then 16 <see cref="RowCounts"/>.</summary>
    private readonly AlignedArray<T> _leaves;
    private readonly int _leafLength;

    /// <summary>
    /// Boxes by level, from the boxes of leaves upward. One block per parent: for each feature 8 lower and 8 upper bounds.
    /// </summary>
    private readonly AlignedArray<T>[] _boxes;

    /// <summary>Number of nodes by level; level 0 contains the leaves.</summary>
    private readonly int[] _nodeCounts;

    private int BoxLength => 2 * Children * _dimensions;

    private ref T Leaf(int leaf) => ref _leaves.At((nint)leaf * _leafLength);

    private ref T Boxes(int level, int parent) => ref _boxes[level].At((nint)parent * BoxLength);

    public double Distance(double sum) => TSum.Distance(sum);

    [SkipLocalsInit]
    public void Search(ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations, ref NearestRows nearest)
    {
        inverseDeviations = inverseDeviations[..query.Length]; // lets the compiler use one bounds check for both spans
        if (_nodeCounts[0] <= MaximumScannedLeaves)
        {
            for (var leaf = 0; leaf < _nodeCounts[0]; leaf++)
                ScanLeaf(leaf, query, inverseDeviations, ref nearest);
            return;
        }
        NodeStack.Initialize(out var stack, _nodeCounts.Length << LevelShift);
        while (stack.TryPop(out var bound, out var node))
        {
            if (bound > nearest.Reach)
                continue;
            var (level, index) = (node >> LevelShift, node & ((1 << LevelShift) - 1));
            if (level == 0)
                ScanLeaf(index, query, inverseDeviations, ref nearest);
            else
                VisitBox(level - 1, index, query, inverseDeviations, ref nearest, ref stack);
        }
    }

    /// <summary>Pushes the children that may contain a neighbor onto the stack, the nearest on top.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void VisitBox(
        int level, int parent, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations, ref NearestRows nearest, ref NodeStack stack)
    {
        var children = Math.Min(Children, _nodeCounts[level] - parent * Children);
        ref var boxBounds = ref Boxes(level, parent);
        var bounds = Vector512<double>.Zero;
        var farthest = Vector512<double>.Zero;
        var limitsReach = nearest.IsEmpty && FullNodePoints(level) >= nearest.K;
        for (var feature = 0; feature < query.Length; feature++)
        {
            var (value, scale) = (Vector512.Create(query[feature]), Vector512.Create(inverseDeviations[feature]));
            var below = LoadAsDoubles(ref boxBounds, feature * 2 * Children) - value;
            var above = value - LoadAsDoubles(ref boxBounds, feature * 2 * Children + Children);
            bounds = TSum.Add(bounds, Vector512.MaxNative(Vector512.MaxNative(below, above), Vector512<double>.Zero), scale);
            if (limitsReach)
                farthest = TSum.Add(farthest, Vector512.MinNative(below, above), scale);
        }
        if (limitsReach)
            ShrinkReach(farthest, CountFullChildren(level, parent, children), ref nearest);

        var within = LanesWithin(bounds, nearest.Reach) & ((1u << children) - 1);
        stack.PushSorted(bounds, within, (level << LevelShift) | (parent * Children));
        if (Sse.IsSupported && _nodeCounts[0] > CachedLeaves)
            PrefetchChildren(level, ref stack);
    }

    private static void ShrinkReach(Vector512<double> farthest, int fullChildren, ref NearestRows nearest)
    {
        if (fullChildren == Children)
        {
            var four = Vector256.MinNative(farthest.GetLower(), farthest.GetUpper());
            var two = Vector128.MinNative(four.GetLower(), four.GetUpper());
            nearest.ShrinkReach(Math.Min(two[0], two[1]));
            return;
        }
        for (var child = 0; child < fullChildren; child++)
            nearest.ShrinkReach(farthest[child]);
    }

    private static long FullNodePoints(int level) => (long)LeafSize << (3 * level);

    /// <summary>Number of full children. All children are full, except possibly the last node of a level.</summary>
    private int CountFullChildren(int level, int parent, int children) =>
        parent * Children + children == _nodeCounts[level] && _pointCount < FullNodePoints(level) * _nodeCounts[level] ? children - 1 : children;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe void PrefetchChildren(int level, ref NodeStack stack)
    {
        var lines = (level == 0 ? _leafLength : BoxLength) * sizeof(T) / 64;
        for (var ahead = 0; ahead < PrefetchedChildren && stack.TryPeek(ahead, out var node) && node >> LevelShift == level; ahead++)
        {
            var index = node & ((1 << LevelShift) - 1);
            var address = (byte*)Unsafe.AsPointer(ref level == 0 ? ref Leaf(index) : ref Boxes(level - 1, index));
            for (var line = 0; line < lines; line++)
                Sse.Prefetch0(address + line * 64);
        }
    }

    /// <summary>Bit mask of the lanes that are at most <paramref name="limit"/>; lane 0 in the lowest bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint LanesWithin(Vector512<double> values, double limit) =>
        (uint)Vector512.LessThanOrEqual(values, Vector512.Create(limit)).ExtractMostSignificantBits();

    private static uint LanesFrom(Vector512<double> values, double limit) =>
        (uint)Vector512.GreaterThanOrEqual(values, Vector512.Create(limit)).ExtractMostSignificantBits();

    private static uint LanesIn(Vector512<double> values, SumRange range) => LanesFrom(values, range.Lower) & LanesWithin(values, range.Upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> LoadAsDoubles(ref T values, int at)
    {
        if (typeof(T) == typeof(double))
            return Vector512.LoadUnsafe(ref Unsafe.As<T, double>(ref values), (nuint)at);
        var singles = Vector256.LoadUnsafe(ref Unsafe.As<T, float>(ref values), (nuint)at);
        if (Avx512F.IsSupported)
            return Avx512F.ConvertToVector512Double(singles);
        var (lower, upper) = Vector256.Widen(singles);
        return Vector512.Create(lower, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ScanLeaf(int leaf, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations, ref NearestRows nearest)
    {
        ref var values = ref Leaf(leaf);
        Distances(ref values, query, inverseDeviations, out var first, out var second);
        var within = (LanesWithin(first, nearest.Reach) | LanesWithin(second, nearest.Reach) << Lanes) & OccupiedLanes(leaf);
        if (within != 0)
            nearest.Add(first, second, within, ref CountsOf(ref values), _hasSingleRowsOnly);
    }

    /// <summary>All rows in a range of sums; needed only if more points tie than <see cref="NearestRows"/> holds.</summary>
    public RowCounts RowsWithin(SumRange range, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations) =>
        RowsWithin(_nodeCounts.Length, 0, range, query, inverseDeviations);

    private RowCounts RowsWithin(int level, int node, SumRange range, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations)
    {
        var word = 0L;
        if (level == 0)
        {
            ref var values = ref Leaf(node);
            Distances(ref values, query, inverseDeviations, out var first, out var second);
            var lanes = (LanesIn(first, range) | LanesIn(second, range) << Lanes) & OccupiedLanes(node);
            for (; lanes != 0; lanes &= lanes - 1)
                word += Unsafe.Add(ref CountsOf(ref values), BitOperations.TrailingZeroCount(lanes));
            return new RowCounts(word); // neither half overflows: a training set has at most 2^31 - 1 rows
        }
        for (var within = ChildrenContaining(level - 1, node, range, query, inverseDeviations); within != 0; within &= within - 1)
            word += RowsWithin(level - 1, node * Children + BitOperations.TrailingZeroCount(within), range, query, inverseDeviations).Packed;
        return new RowCounts(word);
    }

    /// <summary>
    /// Bit mask of the children whose bounds overlap the range: nearest corner at most its upper, farthest corner at least its lower end.
    /// </summary>
    private uint ChildrenContaining(int level, int parent, SumRange range, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations)
    {
        ref var boxBounds = ref Boxes(level, parent);
        var (nearest, farthest) = (Vector512<double>.Zero, Vector512<double>.Zero);
        for (var feature = 0; feature < query.Length; feature++)
        {
            var (value, scale) = (Vector512.Create(query[feature]), Vector512.Create(inverseDeviations[feature]));
            var below = LoadAsDoubles(ref boxBounds, feature * 2 * Children) - value;
            var above = value - LoadAsDoubles(ref boxBounds, feature * 2 * Children + Children);
            nearest = TSum.Add(nearest, Vector512.MaxNative(Vector512.MaxNative(below, above), Vector512<double>.Zero), scale);
            farthest = TSum.Add(farthest, Vector512.MinNative(below, above), scale);
        }
        return LanesWithin(nearest, range.Upper) & LanesFrom(farthest, range.Lower) & ((1u << Math.Min(Children, _nodeCounts[level] - parent * Children)) - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Distances(
        ref T values, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations, out Vector512<double> first, out Vector512<double> second)
    {
        (first, second) = (Vector512<double>.Zero, Vector512<double>.Zero);
        for (var feature = 0; feature < query.Length; feature++)
        {
            var (value, scale) = (Vector512.Create(query[feature]), Vector512.Create(inverseDeviations[feature]));
            first = TSum.Add(first, LoadAsDoubles(ref values, feature * LeafSize) - value, scale);
            second = TSum.Add(second, LoadAsDoubles(ref values, feature * LeafSize + Lanes) - value, scale);
        }
    }

    /// <summary>Bit mask of the lanes of a leaf that contain a point: all 16, except in the last leaf.</summary>
    private uint OccupiedLanes(int leaf) => leaf == _nodeCounts[0] - 1 ? uint.MaxValue >> (32 - (_pointCount - leaf * LeafSize)) : 0xFFFF;

    private ref long CountsOf(ref T leaf) => ref Unsafe.As<T, long>(ref Unsafe.Add(ref leaf, LeafSize * _dimensions));

    /// <summary>Number of points that are inspected to find the feature with the largest range.</summary>
    private const int SpreadSampleSize = 64;

    /// <summary>Builds the tree.</summary>
    /// <param name="points">n distinct points x d features.</param>
    /// <param name="inverseDeviations">
    /// Scale for choosing the features by which points are partitioned; compact leaves make searches fast. Searches may use any positive
    /// scale.
    /// </param>
    public PointTree(WeightedSamples points, ReadOnlySpan<double> inverseDeviations)
    {
        _dimensions = points.Dimensions;
        _pointCount = points.Count;
        _nodeCounts = [.. CountNodes((_pointCount + LeafSize - 1) / LeafSize)];
        _leafLength = LeafSize * _dimensions + LeafSize * sizeof(long) / Unsafe.SizeOf<T>();
        _leaves = new AlignedArray<T>((long)_nodeCounts[0] * _leafLength);
        _boxes = [.. _nodeCounts.Select(nodes => new AlignedArray<T>((long)((nodes + Children - 1) / Children) * BoxLength))];
        _hasSingleRowsOnly = points.Rows == points.Count;

        var values = new T[points.Values.Length];
        for (var index = 0; index < values.Length; index++)
            values[index] = T.CreateTruncating(points.Values[index]);
        var order = new PointPermutation<T>(values, _dimensions);
        Partition(order, inverseDeviations, 0, _pointCount, _nodeCounts[0]);
        FillLeaves(order, points);
        ComputeLeafBounds();
        for (var level = 1; level < _nodeCounts.Length; level++)
            ComputeBoxBounds(level);
    }

    private static IEnumerable<int> CountNodes(int leaves)
    {
        yield return leaves;
        for (var nodes = leaves; nodes > Children;)
            yield return nodes = (nodes + Children - 1) / Children;
    }

    /// <summary>
    /// Recursively partitions a range at its widest feature. Both parts have whole leaves, and the left part has a power of two of them, so
    /// that the 8 (or 8², ...) adjacent leaves of a node contain points that are close to each other.
    /// </summary>
    private static void Partition(PointPermutation<T> order, ReadOnlySpan<double> inverseDeviations, int start, int end, int leaves)
    {
        while (leaves > 1)
        {
            var half = (int)(BitOperations.RoundUpToPowerOf2((uint)leaves) / 2);
            var middle = start + half * LeafSize;
            order.Select(middle, order.WidestFeature(start, end, inverseDeviations, SpreadSampleSize), start, end - 1);
            Partition(order, inverseDeviations, start, middle, half);
            (start, leaves) = (middle, leaves - half);
        }
    }

    private void FillLeaves(PointPermutation<T> order, WeightedSamples points)
    {
        for (var position = 0; position < _pointCount; position++)
        {
            ref var leaf = ref Leaf(position / LeafSize);
            var lane = position % LeafSize;
            for (var feature = 0; feature < _dimensions; feature++)
                Unsafe.Add(ref leaf, feature * LeafSize + lane) = order.Values[position * _dimensions + feature];
            var point = order.PointIndices[position];
            Unsafe.Add(ref CountsOf(ref leaf), lane) = RowCounts.Of(points.Negatives[point], points.Positives[point]).Packed;
        }
    }

    private void ComputeLeafBounds()
    {
        for (var leaf = 0; leaf < _nodeCounts[0]; leaf++)
        {
            var occupied = Math.Min(LeafSize, _pointCount - leaf * LeafSize);
            for (var feature = 0; feature < _dimensions; feature++)
            {
                ref var values = ref Unsafe.Add(ref Leaf(leaf), feature * LeafSize);
                var (lower, upper) = (values, values);
                for (var lane = 1; lane < occupied; lane++)
                    (lower, upper) = (T.MinNative(lower, Unsafe.Add(ref values, lane)), T.MaxNative(upper, Unsafe.Add(ref values, lane)));
                SetBounds(0, leaf, feature, lower, upper);
            }
        }
    }

    private void ComputeBoxBounds(int level)
    {
        for (var node = 0; node < _nodeCounts[level]; node++)
        {
            var children = Math.Min(Children, _nodeCounts[level - 1] - node * Children);
            for (var feature = 0; feature < _dimensions; feature++)
            {
                ref var boxBounds = ref Unsafe.Add(ref Boxes(level - 1, node), feature * 2 * Children);
                var (lower, upper) = (boxBounds, Unsafe.Add(ref boxBounds, Children));
                for (var child = 1; child < children; child++)
                    (lower, upper) = (T.MinNative(lower, Unsafe.Add(ref boxBounds, child)), T.MaxNative(upper, Unsafe.Add(ref boxBounds, Children + child)));
                SetBounds(level, node, feature, lower, upper);
            }
        }
    }

    private void SetBounds(int level, int node, int feature, T lower, T upper)
    {
        ref var boxBounds = ref Unsafe.Add(ref Boxes(level, node / Children), feature * 2 * Children + node % Children);
        boxBounds = lower;
        Unsafe.Add(ref boxBounds, Children) = upper;
    }
}

/// <summary>A <see cref="PointTree{T,TSum}"/> of any value type and metric. Queries and scales have one value per feature.</summary>
internal interface IPointTree
{
    /// <summary>Adds to <paramref name="nearest"/> every point that can be among the nearest.</summary>
    /// <param name="query">d raw values.</param>
    /// <param name="inverseDeviations">d factors that scale differences; at least 0.</param>
    /// <param name="nearest">Receives the points.</param>
    void Search(ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations, ref NearestRows nearest);

    /// <summary>All rows in a range of sums.</summary>
    RowCounts RowsWithin(SumRange range, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations);

    /// <summary>Converts a sum to a distance in standard deviations.</summary>
    double Distance(double sum);
}
