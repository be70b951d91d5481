using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// Stack of the tree nodes that a search still has to visit, with their bounds. Its capacity of 8 nodes for each of 11 levels, one more
/// than a tree can have, suffices for every search, so it is not checked.
/// </summary>
internal struct NodeStack
{
    private const int Capacity = 88;

    private BoundsByDepth _bounds;
    private NodesByDepth _nodes;
    private int _count;

    /// <summary>Creates a stack with the root. The buffers remain uninitialized, because clearing them would dominate the cost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Initialize(out NodeStack stack, int root)
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

    /// <summary>Reads a node without removing it.</summary>
    /// <param name="depth">0 for the top node.</param>
    /// <param name="node">The node; 0 if the stack has fewer nodes.</param>
    public bool TryPeek(int depth, out int node)
    {
        node = depth < _count ? Node(_count - 1 - depth) : 0;
        return depth < _count;
    }

    /// <summary>Pushes up to eight nodes so that the one with the smallest bound is on top.</summary>
    /// <param name="bounds">Bounds of eight nodes, at least 0.</param>
    /// <param name="mask">Bit mask of the lanes to push.</param>
    /// <param name="firstNode">Node of lane 0; lane i has node <paramref name="firstNode"/> + i.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PushSorted(Vector512<double> bounds, uint mask, int firstNode)
    {
        if (LaneSort.IsHardwareAccelerated)
            PushVectorized(bounds, mask, firstNode);
        else
            PushScalar(bounds, mask, firstNode);
    }

    /// <summary>
    /// Non-negative doubles sort by their bits. The lowest three bits are replaced by the number of the lane, which thereby moves with its
    /// bound; the bound becomes slightly smaller and remains a valid lower bound. Lanes that are not pushed sort last and end up above the
    /// top of the stack.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PushVectorized(Vector512<double> bounds, uint mask, int firstNode)
    {
        var lanes = Vector512.Create(7L);
        var isLeftOut = Vector512.Equals(Vector512.Create((long)mask) & Vector512.Create(1L, 2, 4, 8, 16, 32, 64, 128), Vector512<long>.Zero);
        var keys = Vector512.AndNot(bounds.AsInt64(), lanes) | Vector512.Create(0L, 1, 2, 3, 4, 5, 6, 7);
        var sorted = LaneSort.Descending(keys | isLeftOut);
        Vector512.AndNot(sorted, lanes).AsDouble().StoreUnsafe(ref Bound(_count));
        (Avx512F.ConvertToVector256Int32(sorted & lanes) + Vector256.Create(firstNode)).StoreUnsafe(ref Node(_count));
        _count += BitOperations.PopCount(mask);
    }

    private void PushScalar(Vector512<double> bounds, uint mask, int firstNode)
    {
        Unsafe.SkipInit(out EightBounds stored);
        ref var bound = ref Unsafe.As<EightBounds, double>(ref stored);
        bounds.StoreUnsafe(ref bound);
        for (var bottom = _count; mask != 0; mask &= mask - 1)
        {
            var lane = BitOperations.TrailingZeroCount(mask);
            var position = _count++;
            for (; position > bottom && Bound(position - 1) < Unsafe.Add(ref bound, lane); position--)
            {
                Bound(position) = Bound(position - 1);
                Node(position) = Node(position - 1);
            }
            Bound(position) = Unsafe.Add(ref bound, lane);
            Node(position) = firstNode + lane;
        }
    }

    [InlineArray(Capacity)]
    private struct BoundsByDepth
    {
        private double _first;
    }

    [InlineArray(Capacity)]
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
