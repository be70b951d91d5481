using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// Partially sorts the points of a tree under construction. The values are moved along with the indices, so that neighboring points are
/// adjacent in memory.
/// </summary>
/// <param name="values">n x d values, row-major; reordered in place.</param>
/// <param name="dimensions">Number of features d.</param>
internal sealed class PointPermutation<T>(T[] values, int dimensions) where T : unmanaged, INumber<T>
{
    /// <summary>Ranges of at most this length use any of their values as pivot; larger ranges select one from a sample first.</summary>
    private const int SamplingThreshold = 600;

    /// <summary>n x d values, row-major, in the current order.</summary>
    public T[] Values => values;

    /// <summary>Index of the training point at each position.</summary>
    public int[] PointIndices { get; } = [.. Enumerable.Range(0, values.Length / dimensions)];

    /// <summary>
    /// The feature with the largest range, in standard deviations, among evenly spaced points of a range of positions; the first of
    /// several.
    /// </summary>
    /// <param name="start">First position, inclusive.</param>
    /// <param name="end">Last position, exclusive.</param>
    /// <param name="inverseDeviations">1/standard deviation of each feature.</param>
    /// <param name="sample">Approximate number of points to inspect, at least 1.</param>
    public int WidestFeature(int start, int end, ReadOnlySpan<double> inverseDeviations, int sample)
    {
        var step = Math.Max(1, (end - start) / sample);
        var (widest, width) = (0, -1.0);
        for (var feature = 0; feature < dimensions; feature++)
        {
            var lower = values[start * dimensions + feature];
            var upper = lower;
            for (var position = start + step; position < end; position += step)
            {
                var value = values[position * dimensions + feature];
                (lower, upper) = (T.MinNative(lower, value), T.MaxNative(upper, value));
            }
            var spread = double.CreateTruncating(upper - lower) * inverseDeviations[feature];
            if (spread > width)
                (widest, width) = (feature, spread);
        }
        return widest;
    }

    /// <summary>
    /// Quickselect: reorders a range so that no value before the target position is larger, and none after it smaller, than the value at
    /// it. Expected time is linear in the length of the range. R. W. Floyd and R. L. Rivest, "Expected time bounds for selection", 1975,
    /// doi:10.1145/360680.360691.
    /// </summary>
    /// <param name="target">Target position.</param>
    /// <param name="feature">Feature to compare.</param>
    /// <param name="left">First position, inclusive.</param>
    /// <param name="right">Last position, inclusive.</param>
    public void Select(int target, int feature, int left, int right)
    {
        while (right > left)
        {
            if (right - left > SamplingThreshold)
                SelectInSample(target, feature, left, right);
            var pivot = Value(target, feature);
            var (up, down) = (left, right);
            while (up <= down)
            {
                while (Value(up, feature) < pivot)
                    up++;
                while (Value(down, feature) > pivot)
                    down--;
                if (up <= down)
                    Swap(up++, down--);
            }
            if (target <= down)
                right = down;
            else if (target >= up)
                left = up;
            else
                return;
        }
    }

    /// <summary>
    /// Moves a value close to the target value to the target position, by selecting within a sample of about n^(2/3) around it.
    /// </summary>
    private void SelectInSample(int target, int feature, int left, int right)
    {
        double count = right - left + 1, rank = target - left + 1;
        var logarithm = Math.Log(count);
        var size = 0.5 * Math.Exp(2 * logarithm / 3);
        var shift = 0.5 * Math.Sqrt(logarithm * size * (count - size) / count) * Math.Sign(rank - count / 2);
        Select(target, feature, Math.Max(left, (int)(target - rank * size / count + shift)), Math.Min(right, (int)(target + (count - rank) * size / count + shift)));
    }

    /// <summary>Not bounds-checked for speed; <see cref="Select"/> never leaves its range.</summary>
    private ref T Value(int position, int feature) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(values), (nint)position * dimensions + feature);

    private void Swap(int a, int b)
    {
        (PointIndices[a], PointIndices[b]) = (PointIndices[b], PointIndices[a]);
        ref var first = ref Value(a, 0);
        ref var second = ref Value(b, 0);
        for (var feature = 0; feature < dimensions; feature++)
            (Unsafe.Add(ref first, feature), Unsafe.Add(ref second, feature)) = (Unsafe.Add(ref second, feature), Unsafe.Add(ref first, feature));
    }
}

/// <summary>
/// A pinned array of zeros whose first value is aligned to a cache line: a vector of the length of a cache line never crosses two lines,
/// and a line can be prefetched.
/// </summary>
internal sealed class AlignedArray<T> where T : unmanaged
{
    private const int CacheLineBytes = 64;

    private readonly T[] _values;
    private readonly nint _first;

    /// <summary>Allocates the array.</summary>
    /// <param name="length">Number of values.</param>
    public unsafe AlignedArray(long length)
    {
        var padding = CacheLineBytes / sizeof(T);
        _values = GC.AllocateArray<T>(checked((int)(length + padding)), pinned: true);
        var address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_values));
        _first = (CacheLineBytes - address % CacheLineBytes) % CacheLineBytes / sizeof(T);
    }

    /// <summary>Not bounds-checked for speed; the index must be less than the length.</summary>
    public ref T At(nint index) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_values), _first + index);
}
