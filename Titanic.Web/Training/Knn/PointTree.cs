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
internal sealed partial class PointTree<T, TSum> : IPointTree
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
}
