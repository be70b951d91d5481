using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// The nearest points found by a search, sorted by distance, and the radius: the distance of the k-th row. Every point has at least one
/// row, so k points always contain k rows. Distances are compared as sums (<see cref="IDistanceSum"/>), ties by <see cref="DistanceTie"/>.
/// </summary>
internal ref struct NearestRows
{
    /// <summary>
    /// Largest k whose points, plus one, fit two vectors of eight lanes: these remain in registers while a leaf is scanned.
    /// </summary>
    public const int MaximumKInRegisters = 15;

    private const int Lanes = 8;
    private const int RegisterCapacity = 2 * Lanes;

    /// <summary>Capacity for ties in addition to k. If more points tie, their rows are counted by a second search.</summary>
    private const int TieCapacity = 16;

    /// <summary>Sums of the kept points, ascending; infinite where there is no point.</summary>
    private readonly Span<double> _sums;

    /// <summary><see cref="RowCounts.Packed"/> of the kept points, in the same order.</summary>
    private readonly Span<long> _counts;

    /// <summary>Bits of <see cref="Reach"/>: non-negative doubles sort by their bits, and integers are faster to add and compare.</summary>
    private long _reachBits;

    /// <summary>Creates an empty list.</summary>
    /// <param name="k">Number of neighbors, at least 1.</param>
    /// <param name="sums">Buffer of <see cref="Capacity"/> values.</param>
    /// <param name="counts">Buffer of <see cref="Capacity"/> values.</param>
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
        _reachBits = BitConverter.DoubleToInt64Bits(double.PositiveInfinity);
    }

    /// <summary>Number of neighbors.</summary>
    public int K { get; }

    /// <summary>
    /// Largest sum that ties with the k-th nearest row found so far; points with a larger sum are neither among the k nearest nor tie with
    /// them.
    /// </summary>
    public readonly double Reach => BitConverter.Int64BitsToDouble(_reachBits);

    /// <summary>Sum of the k-th nearest row, after a search of at least k rows.</summary>
    public readonly double Radius => DistanceTie.SumOf(Reach);

    /// <summary>Whether no point has been added.</summary>
    public readonly bool IsEmpty => double.IsPositiveInfinity(_sums[0]);

    /// <summary>Required length of the buffers, a multiple of 8.</summary>
    /// <param name="k">Number of neighbors.</param>
    /// <param name="points">Number of distinct points in the tree.</param>
    public static int Capacity(int k, int points) => Math.Min(k, points) is var needed && needed <= MaximumKInRegisters ? RegisterCapacity : (needed + TieCapacity + Lanes - 1) / Lanes * Lanes;

    /// <summary>Reduces <see cref="Reach"/>, because at least k rows are within this sum.</summary>
    public void ShrinkReach(double sum) => _reachBits = Math.Min(_reachBits, DistanceTie.LimitBits(sum));

    /// <summary>Adds points of a leaf.</summary>
    /// <param name="first">Sums of the leaf's first 8 points.</param>
    /// <param name="second">Sums of the leaf's other points.</param>
    /// <param name="mask">Bit mask of the points to add: at least one, none beyond <see cref="Reach"/>.</param>
    /// <param name="counts">First of the leaf's 16 <see cref="RowCounts"/>.</param>
    /// <param name="areSingleRows">Whether every point of the tree has exactly one row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining), SkipLocalsInit]
    public void Add(Vector512<double> first, Vector512<double> second, uint mask, ref long counts, bool areSingleRows)
    {
        Unsafe.SkipInit(out SixteenSums stored);
        ref var sums = ref Unsafe.As<SixteenSums, double>(ref stored);
        first.StoreUnsafe(ref sums);
        second.StoreUnsafe(ref sums, Lanes);
        if (_sums.Length == RegisterCapacity && VectorShift.IsHardwareAccelerated)
            AddVectorized(ref sums, mask, ref counts);
        else
            AddScalar(ref sums, mask, ref counts);
        ShrinkReach(_sums[areSingleRows ? K - 1 : IndexOfKthRow()]);
    }

    /// <summary>
    /// Inserts into the sorted list without branches: each position keeps the smaller of its own value and the larger of the previous and
    /// the new value. Counts move with their sums.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddVectorized(ref double sums, uint mask, ref long counts)
    {
        ref var keptSums = ref MemoryMarshal.GetReference(_sums);
        ref var keptCounts = ref MemoryMarshal.GetReference(_counts);
        var (near, far) = (Vector512.LoadUnsafe(ref keptSums), Vector512.LoadUnsafe(ref keptSums, Lanes));
        var (nearCounts, farCounts) = (Vector512.LoadUnsafe(ref keptCounts), Vector512.LoadUnsafe(ref keptCounts, Lanes));
        var negativeInfinity = Vector512.Create(double.NegativeInfinity);
        do
        {
            var lane = BitOperations.TrailingZeroCount(mask);
            var sum = Vector512.Create(Unsafe.Add(ref sums, lane));
            var count = Vector512.Create(Unsafe.Add(ref counts, lane));
            var (nearBefore, farBefore) = (VectorShift.UpByOne(near, negativeInfinity), VectorShift.UpByOne(far, near));
            farCounts = ShiftCounts(far, farBefore, sum, farCounts, VectorShift.UpByOne(farCounts, nearCounts), count);
            nearCounts = ShiftCounts(near, nearBefore, sum, nearCounts, VectorShift.UpByOne(nearCounts, nearCounts), count);
            far = Vector512.MinNative(far, Vector512.MaxNative(farBefore, sum));
            near = Vector512.MinNative(near, Vector512.MaxNative(nearBefore, sum));
            mask &= mask - 1;
        } while (mask != 0);
        near.StoreUnsafe(ref keptSums);
        far.StoreUnsafe(ref keptSums, Lanes);
        nearCounts.StoreUnsafe(ref keptCounts);
        farCounts.StoreUnsafe(ref keptCounts, Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> ShiftCounts(
        Vector512<double> sums, Vector512<double> before, Vector512<double> sum, Vector512<long> counts, Vector512<long> countsBefore, Vector512<long> count) =>
        Vector512.ConditionalSelect(
            Vector512.GreaterThan(sums, sum).AsInt64(),
            Vector512.ConditionalSelect(Vector512.GreaterThan(before, sum).AsInt64(), countsBefore, count),
            counts);

    private void AddScalar(ref double sums, uint mask, ref long counts)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            var lane = BitOperations.TrailingZeroCount(mask);
            var sum = Unsafe.Add(ref sums, lane);
            if (sum >= _sums[^1])
                continue;
            var position = _sums.Length - 1;
            for (; position > 0 && _sums[position - 1] > sum; position--)
                (_sums[position], _counts[position]) = (_sums[position - 1], _counts[position - 1]);
            (_sums[position], _counts[position]) = (sum, Unsafe.Add(ref counts, lane));
        }
    }

    /// <summary>Index of the point with the k-th row; the last index if there are fewer rows.</summary>
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

    /// <summary>Rows at one distance.</summary>
    /// <param name="Distance">In standard deviations.</param>
    /// <param name="Counts">Rows by outcome.</param>
    public record struct Group(double Distance, RowCounts Counts);

    /// <summary>
    /// Whether the list is full of voting rows: the tree may have more of them, so the rows within <see cref="LastSums"/> must be counted
    /// by a second search.
    /// </summary>
    public readonly bool MayMissTies => _sums[^1] <= Reach;

    /// <summary>The voting sums that a full list may lack: from its last sum to <see cref="Reach"/>.</summary>
    public readonly SumRange LastSums => new(_sums[^1], Reach);

    /// <summary>All kept rows up to a sum, inclusive.</summary>
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

    /// <summary>
    /// The rows within <see cref="Reach"/>, grouped by ascending distance. The distance of a group is that of its nearest point.
    /// </summary>
    /// <param name="tree">Converts sums to distances.</param>
    /// <param name="last">All rows within <see cref="LastSums"/> if they were counted by a second search; else null.</param>
    /// <param name="buffer">Buffer of <see cref="Capacity"/> groups.</param>
    public readonly Span<Group> Groups(IPointTree tree, RowCounts? last, Span<Group> buffer)
    {
        var (groups, limit) = (0, double.NaN);
        for (var index = 0; index < _sums.Length && _sums[index] <= Reach && _counts[index] != 0; index++)
        {
            var (sum, isLast) = (_sums[index], last is not null && _sums[index] == _sums[^1]);
            var counts = isLast ? last!.Value : new RowCounts(_counts[index]);
            if (sum <= limit)
                buffer[groups - 1] = buffer[groups - 1] with { Counts = buffer[groups - 1].Counts + counts };
            else
                (buffer[groups++], limit) = (new Group(tree.Distance(sum), counts), DistanceTie.Limit(sum));
            if (isLast)
                break;
        }
        return buffer[..groups];
    }
}

/// <summary>
/// The rule of ties: a sum ties with a smaller one if it is at most 2^22 units in the last place larger, which is a relative tolerance of
/// 2^-31 to 2^-30 (4.7e-10 to 9.3e-10).
/// </summary>
/// <remarks>
/// <para>Mathematically equal distances have different sums when the same terms are added in another order, when equal differences are
/// computed from other values (0.3 - 0.2 and 0.2 - 0.1), or when equal deviations are computed from other rows. The relative error of a sum
/// is at most about 4 u M/g + (d + n) u, with u = 2^-53, d features, n points, values up to M and the smallest difference g of two values
/// (the step of their grid): a value has the relative error u, so that a difference of at least g is off by 2 u M, relatively 2 u M/g, and
/// its square by twice that; the deviation of n rows adds n u, the d additions add d u, and positive terms do not cancel. The tolerance is
/// larger up to M/g = 1 million.</para>
/// <para>It is much smaller than the difference of unequal distances: on features of equal deviation, whose sums are multiples of a grid
/// step, unequal sums remain apart up to 2^30 steps.</para>
/// <para>Ties are not transitive. Rows vote if they tie with the k-th nearest row, and groups tie with their nearest row.</para>
/// </remarks>
internal static class DistanceTie
{
    /// <summary>Tolerance in units in the last place. The bits of non-negative doubles are consecutive integers.</summary>
    private const long Tolerance = 1 << 22;

    /// <summary>The largest sum that ties with a finite sum.</summary>
    public static double Limit(double sum) => BitConverter.Int64BitsToDouble(LimitBits(sum));

    /// <summary>Bits of <see cref="Limit"/>; greater than the bits of infinity if the sum is infinite.</summary>
    public static long LimitBits(double sum) => BitConverter.DoubleToInt64Bits(sum) + Tolerance;

    /// <summary>The sum that has a limit; reverses <see cref="Limit"/>.</summary>
    public static double SumOf(double limit) => BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(limit) - Tolerance);

    /// <summary>Whether more votes are for than against; not if they tie.</summary>
    public static bool IsMajority(double votesFor, double votesAgainst) => votesFor > Limit(votesAgainst);
}

/// <summary>A range of sums.</summary>
/// <param name="Lower">Lower end, inclusive.</param>
/// <param name="Upper">Upper end, inclusive.</param>
internal readonly record struct SumRange(double Lower, double Upper);

/// <summary>
/// Sorts the eight lanes of a vector without branches, by a bitonic sorting network of six layers (K. E. Batcher, "Sorting networks and
/// their applications", 1968, doi:10.1145/1468075.1468121). In each layer every lane is compared with a partner and keeps the larger or the
/// smaller value.
/// </summary>
internal static class LaneSort
{
    /// <summary>Whether a layer compiles to a few instructions; if not, an insertion sort is faster.</summary>
    public static bool IsHardwareAccelerated => Avx512F.IsSupported;

    /// <summary>Sorts in descending order; the largest value in lane 0.</summary>
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

/// <summary>Shifts the lanes of a vector up by one; lane 0 receives the last lane of the previous vector.</summary>
internal static class VectorShift
{
    /// <summary>Whether a shift is one instruction; if not, inserting value by value is faster.</summary>
    public static bool IsHardwareAccelerated => Avx512F.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> UpByOne(Vector512<long> values, Vector512<long> before) => Avx512F.AlignRight64(values, before, 7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> UpByOne(Vector512<double> values, Vector512<double> before) => UpByOne(values.AsInt64(), before.AsInt64()).AsDouble();
}
