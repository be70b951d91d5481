using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// The nearest points that a search has seen, and how near a point must be to count: within the distance at which the k-th row stands.
/// Keeps the closest points only; every point stands for at least one row, so k of them always hold k rows.
/// </summary>
internal ref partial struct NearestRows
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
}
