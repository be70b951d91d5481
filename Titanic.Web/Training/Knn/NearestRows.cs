using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// The nearest points that a search has seen, and how near a point must be to count: within the distance at which the k-th row stands.
/// Keeps the closest points only; every point stands for at least one row, so k of them always hold k rows.
/// </summary>
internal ref struct NearestRows
{
    /// <summary>The largest k whose points fit two vectors of eight with one to spare: those never leave the registers within a leaf.</summary>
    public const int LargestKInRegisters = 15;

    private const int Lanes = 8;
    private const int InRegisters = 2 * Lanes;

    /// <summary>Beyond k there is room for so many ties, before they have to be counted by another walk.</summary>
    private const int RoomForTies = 16;

    /// <summary>Sums of the kept points, ascending, infinite where there is none yet.</summary>
    private readonly Span<double> _sums;

    /// <summary>As <see cref="RowCounts.Word"/>, in the same order.</summary>
    private readonly Span<long> _counts;

    /// <param name="sums">As long as <see cref="Room"/> says, like <paramref name="counts"/>.</param>
    public NearestRows(int k, Span<double> sums, Span<long> counts)
    {
        K = k;
        _sums = sums;
        _counts = counts;
        for (var at = 0; at < _sums.Length; at += Lanes)
        {
            Vector512.Create(double.PositiveInfinity).StoreUnsafe(ref MemoryMarshal.GetReference(_sums), (nuint)at);
            Vector512<long>.Zero.StoreUnsafe(ref MemoryMarshal.GetReference(_counts), (nuint)at);
        }
        Reach = double.PositiveInfinity;
    }

    public int K { get; }

    /// <summary>No point beyond this sum can be among the k nearest rows or tie with the last of them.</summary>
    public double Reach { get; private set; }

    /// <summary>Whether no point has come yet.</summary>
    public readonly bool IsEmpty => double.IsPositiveInfinity(_sums[0]);

    /// <summary>How many points are kept, in eights: no more than there are can be needed.</summary>
    public static int Room(int k, int points) => Math.Min(k, points) is var needed && needed <= LargestKInRegisters ? InRegisters : (needed + RoomForTies + Lanes - 1) / Lanes * Lanes;

    /// <summary>Says that at least k rows stand within this sum.</summary>
    public void LimitReach(double sum) => Reach = double.MinNative(Reach, sum);

    /// <summary>Takes the points of a leaf.</summary>
    /// <param name="first">Sums of its first eight points.</param>
    /// <param name="second">Of the others.</param>
    /// <param name="which">A bit for each point that comes in: at least one, none beyond <see cref="Reach"/>.</param>
    /// <param name="counts">The first of their sixteen <see cref="RowCounts"/>.</param>
    /// <param name="areSingleRows">Whether every point of the tree stands for one row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining), SkipLocalsInit]
    public void Add(Vector512<double> first, Vector512<double> second, uint which, ref long counts, bool areSingleRows)
    {
        Unsafe.SkipInit(out SixteenSums stored);
        ref var sums = ref Unsafe.As<SixteenSums, double>(ref stored);
        first.StoreUnsafe(ref sums);
        second.StoreUnsafe(ref sums, Lanes);
        if (_sums.Length == InRegisters && VectorShift.IsFast)
            AddInRegisters(ref sums, which, ref counts);
        else
            AddOneByOne(ref sums, which, ref counts);
        LimitReach(_sums[areSingleRows ? K - 1 : IndexOfKthRow()]);
    }

    /// <summary>
    /// A sorted list takes a sum without a branch: every place keeps the smaller of its own and the larger of the place before and the new
    /// one. The counts go where their sums go.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddInRegisters(ref double sums, uint which, ref long counts)
    {
        ref var keptSums = ref MemoryMarshal.GetReference(_sums);
        ref var keptCounts = ref MemoryMarshal.GetReference(_counts);
        var (near, far) = (Vector512.LoadUnsafe(ref keptSums), Vector512.LoadUnsafe(ref keptSums, Lanes));
        var (nearCounts, farCounts) = (Vector512.LoadUnsafe(ref keptCounts), Vector512.LoadUnsafe(ref keptCounts, Lanes));
        var nothing = Vector512.Create(double.NegativeInfinity);
        do
        {
            var lane = BitOperations.TrailingZeroCount(which);
            var sum = Vector512.Create(Unsafe.Add(ref sums, lane));
            var count = Vector512.Create(Unsafe.Add(ref counts, lane));
            var (nearBefore, farBefore) = (VectorShift.ByOne(near, nothing), VectorShift.ByOne(far, near));
            farCounts = Moved(far, farBefore, sum, farCounts, VectorShift.ByOne(farCounts, nearCounts), count);
            nearCounts = Moved(near, nearBefore, sum, nearCounts, VectorShift.ByOne(nearCounts, nearCounts), count);
            far = Vector512.MinNative(far, Vector512.MaxNative(farBefore, sum));
            near = Vector512.MinNative(near, Vector512.MaxNative(nearBefore, sum));
            which &= which - 1;
        } while (which != 0);
        near.StoreUnsafe(ref keptSums);
        far.StoreUnsafe(ref keptSums, Lanes);
        nearCounts.StoreUnsafe(ref keptCounts);
        farCounts.StoreUnsafe(ref keptCounts, Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Moved(
        Vector512<double> sums, Vector512<double> before, Vector512<double> sum, Vector512<long> counts, Vector512<long> countsBefore, Vector512<long> count) =>
        Vector512.ConditionalSelect(
            Vector512.GreaterThan(sums, sum).AsInt64(),
            Vector512.ConditionalSelect(Vector512.GreaterThan(before, sum).AsInt64(), countsBefore, count),
            counts);

    private void AddOneByOne(ref double sums, uint which, ref long counts)
    {
        for (; which != 0; which &= which - 1)
        {
            var lane = BitOperations.TrailingZeroCount(which);
            var sum = Unsafe.Add(ref sums, lane);
            if (sum >= _sums[^1])
                continue;
            var place = _sums.Length - 1;
            for (; place > 0 && _sums[place - 1] > sum; place--)
                (_sums[place], _counts[place]) = (_sums[place - 1], _counts[place - 1]);
            (_sums[place], _counts[place]) = (sum, Unsafe.Add(ref counts, lane));
        }
    }

    /// <summary>Where the k-th row stands; the last place while there are fewer rows.</summary>
    private readonly int IndexOfKthRow()
    {
        var (rows, index) = (0L, 0);
        for (; index < _counts.Length; index++)
        {
            rows += new RowCounts(_counts[index]).Rows;
            if (rows >= K)
                return index;
        }
        return index - 1;
    }

    [InlineArray(16)]
    private struct SixteenSums
    {
        private double _first;
    }

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

/// <summary>
/// Sorts the eight lanes of a vector without a branch: a bitonic network (K. E. Batcher, "Sorting networks and their applications", 1968) of
/// six layers, in each of which every lane meets a partner and keeps the larger or the smaller of the two.
/// </summary>
internal static class LaneSort
{
    /// <summary>Whether a layer is a few instructions; where it is not, sorting one by one is faster.</summary>
    public static bool IsFast => Avx512F.IsSupported;

    /// <summary>The largest in lane 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> Descending(Vector512<long> lanes)
    {
        lanes = Layer(lanes, Vector512.Create(1L, 0, 3, 2, 5, 4, 7, 6), Vector512.Create(-1L, 0, 0, -1, -1, 0, 0, -1));
        lanes = Layer(lanes, Vector512.Create(2L, 3, 0, 1, 6, 7, 4, 5), Vector512.Create(-1L, -1, 0, 0, 0, 0, -1, -1));
        lanes = Layer(lanes, Vector512.Create(1L, 0, 3, 2, 5, 4, 7, 6), Vector512.Create(-1L, 0, -1, 0, 0, -1, 0, -1));
        lanes = Layer(lanes, Vector512.Create(4L, 5, 6, 7, 0, 1, 2, 3), Vector512.Create(-1L, -1, -1, -1, 0, 0, 0, 0));
        lanes = Layer(lanes, Vector512.Create(2L, 3, 0, 1, 6, 7, 4, 5), Vector512.Create(-1L, -1, 0, 0, -1, -1, 0, 0));
        return Layer(lanes, Vector512.Create(1L, 0, 3, 2, 5, 4, 7, 6), Vector512.Create(-1L, 0, -1, 0, -1, 0, -1, 0));
    }

    /// <param name="keepsLarger">All bits set in the lanes that keep the larger value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Layer(Vector512<long> lanes, Vector512<long> partners, Vector512<long> keepsLarger)
    {
        var others = Vector512.Shuffle(lanes, partners);
        return Vector512.ConditionalSelect(keepsLarger, Vector512.Max(lanes, others), Vector512.Min(lanes, others));
    }
}

/// <summary>Moves a vector's lanes up by one; the first takes the last lane of the vector before.</summary>
internal static class VectorShift
{
    /// <summary>Whether this is one instruction; where it is not, there are better ways to the same list.</summary>
    public static bool IsFast => Avx512F.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> ByOne(Vector512<long> values, Vector512<long> before) => Avx512F.AlignRight64(values, before, 7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> ByOne(Vector512<double> values, Vector512<double> before) => ByOne(values.AsInt64(), before.AsInt64()).AsDouble();
}
