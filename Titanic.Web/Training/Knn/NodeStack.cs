using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// The nodes that a search still has to look at, each with its bound. Eight for each of eleven levels, one more than a tree can have, is
/// deep enough for every search, so nothing is checked.
/// </summary>
internal struct NodeStack
{
    private const int Deepest = 88;

    private BoundsByDepth _bounds;
    private NodesByDepth _nodes;
    private int _count;

    /// <summary>Leaves the room uninitialised, which is most of what making one would cost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Start(out NodeStack stack, int root)
    {
        Unsafe.SkipInit(out stack);
        stack._count = 0;
        stack.Push(0, root);
    }

    [UnscopedRef]
    private ref double Bound(int depth) => ref Unsafe.Add(ref Unsafe.As<BoundsByDepth, double>(ref _bounds), depth);

    [UnscopedRef]
    private ref int Node(int depth) => ref Unsafe.Add(ref Unsafe.As<NodesByDepth, int>(ref _nodes), depth);

    private void Push(double bound, int node)
    {
        Bound(_count) = bound;
        Node(_count++) = node;
    }

    public bool TryPop(out double bound, out int node)
    {
        if (_count == 0)
        {
            (bound, node) = (0, 0);
            return false;
        }
        _count--;
        (bound, node) = (Bound(_count), Node(_count));
        return true;
    }

    /// <param name="depth">0 for the node that comes next.</param>
    public bool TryPeek(int depth, out int node)
    {
        node = depth < _count ? Node(_count - 1 - depth) : 0;
        return depth < _count;
    }

    /// <summary>Pushes up to eight nodes so that the one with the smallest bound comes next.</summary>
    /// <param name="which">A bit for each lane to push.</param>
    /// <param name="firstNode">The node of lane 0; the others follow it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PushSorted(Vector512<double> bounds, uint which, int firstNode)
    {
        if (LaneSort.IsFast)
            PushAtOnce(bounds, which, firstNode);
        else
            PushOneByOne(bounds, which, firstNode);
    }

    /// <summary>
    /// Numbers that are not negative sort by their bits. The lowest three give way to the lane's number, which goes where its bound goes: a
    /// bound that is a hair lower than it could be is still one. What is not to be pushed sorts behind everything and ends up beyond the top.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PushAtOnce(Vector512<double> bounds, uint which, int firstNode)
    {
        var lanes = Vector512.Create(7L);
        var isLeftOut = Vector512.Equals(Vector512.Create((long)which) & Vector512.Create(1L, 2, 4, 8, 16, 32, 64, 128), Vector512<long>.Zero);
        var keys = Vector512.AndNot(bounds.AsInt64(), lanes) | Vector512.Create(0L, 1, 2, 3, 4, 5, 6, 7);
        var sorted = LaneSort.Descending(keys | isLeftOut);
        Vector512.AndNot(sorted, lanes).AsDouble().StoreUnsafe(ref Bound(_count));
        (Avx512F.ConvertToVector256Int32(sorted & lanes) + Vector256.Create(firstNode)).StoreUnsafe(ref Node(_count));
        _count += BitOperations.PopCount(which);
    }

    private void PushOneByOne(Vector512<double> bounds, uint which, int firstNode)
    {
        Unsafe.SkipInit(out EightBounds stored);
        ref var bound = ref Unsafe.As<EightBounds, double>(ref stored);
        bounds.StoreUnsafe(ref bound);
        for (var bottom = _count; which != 0; which &= which - 1)
        {
            var lane = BitOperations.TrailingZeroCount(which);
            var place = _count++;
            for (; place > bottom && Bound(place - 1) < Unsafe.Add(ref bound, lane); place--)
            {
                Bound(place) = Bound(place - 1);
                Node(place) = Node(place - 1);
            }
            Bound(place) = Unsafe.Add(ref bound, lane);
            Node(place) = firstNode + lane;
        }
    }

    [InlineArray(Deepest)]
    private struct BoundsByDepth
    {
        private double _first;
    }

    [InlineArray(Deepest)]
    private struct NodesByDepth
    {
        private int _first;
    }

    [InlineArray(8)]
    private struct EightBounds
    {
        private double _first;
    }
}
