using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// The distinct points of a training set in leaves of sixteen neighbours, below boxes of eight children each: a k-d tree that needs no
/// pointers, because every leaf but the last is full. Holds raw values; the scale comes with each search.
/// <para>
/// Why a search is exact: a point within a box differs from the query, in every feature, by at least as much as the box does. Subtracting,
/// multiplying and adding round, but never turn a smaller number into one above a larger, and the box's bound is summed by the same steps in
/// the same order as a distance. So no computed distance in a box lies below the box's computed bound, and a box is passed over only when its
/// bound is above the k-th distance found so far; one that could still tie is opened. What is left out can therefore neither be among the k
/// nearest nor tie with the last of them. The same holds upwards: no computed distance in a box lies above the sum of its farthest corner.
/// </para>
/// </summary>
/// <typeparam name="T">Single when every value is one exactly, which halves the memory that a search walks through; else Double. Distances are Double in both.</typeparam>
/// <typeparam name="TSum">How differences add up.</typeparam>
internal sealed class PointTree<T, TSum> : IPointTree
    where T : unmanaged, INumber<T>
    where TSum : IDistanceSum
{
    public const int LeafPoints = 16;
    private const int Children = 8;
    private const int Lanes = 8;

    /// <summary>A level holds at most 2^27 nodes, since there are at most 2^31 points.</summary>
    private const int LevelShift = 27;

    /// <summary>So few leaves are all scanned. Measured on 48 to 250 points: up to here that is as fast or faster than looking at boxes first.</summary>
    private const int FewLeaves = 6;

    /// <summary>Fewer leaves stay in a processor's second cache by themselves.</summary>
    private const int LeavesInCache = 1024;

    /// <summary>How many of the children that come next are fetched into the cache while others are looked at.</summary>
    private const int FetchedAhead = 3;

    private readonly int _dimensions;
    private readonly int _points;
    private readonly bool _hasSingleRowsOnly;

    /// <summary>One block a leaf: for each feature sixteen values, then sixteen <see cref="RowCounts"/>.</summary>
    private readonly AlignedValues<T> _leaves;
    private readonly int _leafLength;

    /// <summary>By level, from the boxes of leaves upwards. One block a parent: for each feature eight lower and eight upper ends.</summary>
    private readonly AlignedValues<T>[] _boxes;

    /// <summary>Number of nodes by level; level 0 are the leaves.</summary>
    private readonly int[] _nodes;

    private int BoxLength => 2 * Children * _dimensions;

    private ref T Leaf(int leaf) => ref _leaves.At((nint)leaf * _leafLength);

    private ref T Boxes(int level, int parent) => ref _boxes[level].At((nint)parent * BoxLength);

    public double Distance(double sum) => TSum.Distance(sum);

    [SkipLocalsInit]
    public void Search(ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations, ref NearestRows nearest)
    {
        inverseDeviations = inverseDeviations[..query.Length]; // tells the compiler that one check is enough for both
        if (_nodes[0] <= FewLeaves)
        {
            for (var leaf = 0; leaf < _nodes[0]; leaf++)
                ScanLeaf(leaf, query, inverseDeviations, ref nearest);
            return;
        }
        NodeStack.Start(out var stack, _nodes.Length << LevelShift);
        while (stack.TryPop(out var bound, out var node))
        {
            if (bound > nearest.Reach)
                continue;
            var (level, index) = (node >> LevelShift, node & ((1 << LevelShift) - 1));
            if (level == 0)
                ScanLeaf(index, query, inverseDeviations, ref nearest);
            else
                OpenBox(level - 1, index, query, inverseDeviations, ref nearest, ref stack);
        }
    }

    /// <summary>Puts the children that may hold a neighbour on the stack, the nearest on top.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void OpenBox(
        int level, int parent, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations, ref NearestRows nearest, ref NodeStack stack)
    {
        var children = Math.Min(Children, _nodes[level] - parent * Children);
        ref var ends = ref Boxes(level, parent);
        var bounds = Vector512<double>.Zero;
        var farthest = Vector512<double>.Zero;
        var limitsReach = nearest.IsEmpty && FewestPointsOfAChild(level) >= nearest.K;
        for (var feature = 0; feature < query.Length; feature++)
        {
            var (value, scale) = (Vector512.Create(query[feature]), Vector512.Create(inverseDeviations[feature]));
            var below = Wide(ref ends, feature * 2 * Children) - value;
            var above = value - Wide(ref ends, feature * 2 * Children + Children);
            bounds = TSum.Add(bounds, Vector512.MaxNative(Vector512.MaxNative(below, above), Vector512<double>.Zero), scale);
            if (limitsReach)
                farthest = TSum.Add(farthest, Vector512.MinNative(below, above), scale);
        }
        if (limitsReach)
            LimitReach(farthest, FullChildren(level, parent, children), ref nearest);

        var within = Bits(bounds, nearest.Reach) & ((1u << children) - 1);
        stack.PushSorted(bounds, within, (level << LevelShift) | (parent * Children));
        if (Sse.IsSupported && _nodes[0] > LeavesInCache)
            FetchAhead(level, ref stack);
    }

    private static void LimitReach(Vector512<double> farthest, int fullChildren, ref NearestRows nearest)
    {
        if (fullChildren == Children)
        {
            var four = Vector256.MinNative(farthest.GetLower(), farthest.GetUpper());
            var two = Vector128.MinNative(four.GetLower(), four.GetUpper());
            nearest.LimitReach(Math.Min(two[0], two[1]));
            return;
        }
        for (var child = 0; child < fullChildren; child++)
            nearest.LimitReach(farthest[child]);
    }

    private static long FewestPointsOfAChild(int level) => (long)LeafPoints << (3 * level);

    /// <summary>All children but perhaps the very last node of a level hold as many points as fit.</summary>
    private int FullChildren(int level, int parent, int children) =>
        parent * Children + children == _nodes[level] && _points < FewestPointsOfAChild(level) * _nodes[level] ? children - 1 : children;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe void FetchAhead(int level, ref NodeStack stack)
    {
        var lines = (level == 0 ? _leafLength : BoxLength) * sizeof(T) / 64;
        for (var ahead = 0; ahead < FetchedAhead && stack.TryPeek(ahead, out var node) && node >> LevelShift == level; ahead++)
        {
            var index = node & ((1 << LevelShift) - 1);
            var address = (byte*)Unsafe.AsPointer(ref level == 0 ? ref Leaf(index) : ref Boxes(level - 1, index));
            for (var line = 0; line < lines; line++)
                Sse.Prefetch0(address + line * 64);
        }
    }

    /// <summary>Which lanes are at most <paramref name="limit"/>, lane 0 in the lowest bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bits(Vector512<double> values, double limit) =>
        (uint)Vector512.LessThanOrEqual(values, Vector512.Create(limit)).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Wide(ref T values, int at)
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

    /// <summary>Enough points to see which feature is spread widest.</summary>
    private const int Sample = 64;

    /// <param name="inverseDeviations">Says in which features differences count most, for compact leaves; any positive scale can be searched with.</param>
    public PointTree(WeightedSamples points, ReadOnlySpan<double> inverseDeviations)
    {
        _dimensions = points.Dimensions;
        _points = points.Count;
        _nodes = [.. CountNodes((_points + LeafPoints - 1) / LeafPoints)];
        _leafLength = LeafPoints * _dimensions + LeafPoints * sizeof(long) / Unsafe.SizeOf<T>();
        _leaves = new AlignedValues<T>((long)_nodes[0] * _leafLength);
        _boxes = [.. _nodes.Select(nodes => new AlignedValues<T>((long)((nodes + Children - 1) / Children) * BoxLength))];
        _hasSingleRowsOnly = points.Rows == points.Count;

        var values = new T[points.Codes.Length];
        for (var index = 0; index < values.Length; index++)
            values[index] = T.CreateTruncating(points.Codes[index]);
        var order = new PointOrder<T>(values, _dimensions);
        Divide(order, inverseDeviations, 0, _points, _nodes[0]);
        FillLeaves(order, points);
        BoundLeaves();
        for (var level = 1; level < _nodes.Length; level++)
            BoundBoxes(level);
    }

    private static IEnumerable<int> CountNodes(int leaves)
    {
        yield return leaves;
        for (var nodes = leaves; nodes > Children;)
            yield return nodes = (nodes + Children - 1) / Children;
    }

    /// <summary>
    /// Halves a range across its widest feature, again and again, so that each half has whole leaves and the left one a power of two of them:
    /// what eight neighbouring leaves, or eight times eight, have in common then lies close together.
    /// </summary>
    private static void Divide(PointOrder<T> order, ReadOnlySpan<double> inverseDeviations, int start, int end, int leaves)
    {
        while (leaves > 1)
        {
            var half = (int)(BitOperations.RoundUpToPowerOf2((uint)leaves) / 2);
            var middle = start + half * LeafPoints;
            order.Select(middle, order.WidestFeature(start, end, inverseDeviations, Sample), start, end - 1);
            Divide(order, inverseDeviations, start, middle, half);
            (start, leaves) = (middle, leaves - half);
        }
    }

    private void FillLeaves(PointOrder<T> order, WeightedSamples points)
    {
        for (var place = 0; place < _points; place++)
        {
            ref var leaf = ref Leaf(place / LeafPoints);
            var lane = place % LeafPoints;
            for (var feature = 0; feature < _dimensions; feature++)
                Unsafe.Add(ref leaf, feature * LeafPoints + lane) = order.Values[place * _dimensions + feature];
            var point = order.Points[place];
            Unsafe.Add(ref CountsOf(ref leaf), lane) = RowCounts.Of(points.Negatives[point], points.Positives[point]).Word;
        }
    }

    private void BoundLeaves()
    {
        for (var leaf = 0; leaf < _nodes[0]; leaf++)
        {
            var taken = Math.Min(LeafPoints, _points - leaf * LeafPoints);
            for (var feature = 0; feature < _dimensions; feature++)
            {
                ref var values = ref Unsafe.Add(ref Leaf(leaf), feature * LeafPoints);
                var (lower, upper) = (values, values);
                for (var lane = 1; lane < taken; lane++)
                    (lower, upper) = (T.MinNative(lower, Unsafe.Add(ref values, lane)), T.MaxNative(upper, Unsafe.Add(ref values, lane)));
                SetEnds(0, leaf, feature, lower, upper);
            }
        }
    }

    private void BoundBoxes(int level)
    {
        for (var node = 0; node < _nodes[level]; node++)
        {
            var children = Math.Min(Children, _nodes[level - 1] - node * Children);
            for (var feature = 0; feature < _dimensions; feature++)
            {
                ref var ends = ref Unsafe.Add(ref Boxes(level - 1, node), feature * 2 * Children);
                var (lower, upper) = (ends, Unsafe.Add(ref ends, Children));
                for (var child = 1; child < children; child++)
                    (lower, upper) = (T.MinNative(lower, Unsafe.Add(ref ends, child)), T.MaxNative(upper, Unsafe.Add(ref ends, Children + child)));
                SetEnds(level, node, feature, lower, upper);
            }
        }
    }

    private void SetEnds(int level, int node, int feature, T lower, T upper)
    {
        ref var ends = ref Unsafe.Add(ref Boxes(level, node / Children), feature * 2 * Children + node % Children);
        ends = lower;
        Unsafe.Add(ref ends, Children) = upper;
    }
}

/// <summary>A <see cref="PointTree{T,TSum}"/>, whatever it stores and however it measures. Queries and scales have one value per feature.</summary>
internal interface IPointTree
{
    /// <summary>Shows <paramref name="nearest"/> every point that can be among the nearest.</summary>
    /// <param name="query">Raw values.</param>
    /// <param name="inverseDeviations">What differences are multiplied by; at least 0.</param>
    void Search(ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations, ref NearestRows nearest);

    /// <summary>All rows whose sum is exactly this.</summary>
    RowCounts RowsAt(double sum, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations);

    /// <summary>The distance that belongs to a sum, in standard deviations.</summary>
    double Distance(double sum);
}
