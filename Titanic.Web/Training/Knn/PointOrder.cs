using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titanic.Web.Training.Knn;

/// <summary>Points that a tree under construction puts into order, their values moving along so that neighbours stay neighbours in memory.</summary>
internal sealed class PointOrder<T>(T[] values, int dimensions) where T : unmanaged, INumber<T>
{
    /// <summary>Below this a range is divided around any of its values; above, around one that a sample has chosen.</summary>
    private const int WorthSampling = 600;

    /// <summary>Point after point, one value per feature.</summary>
    public T[] Values => values;

    /// <summary>Which point of the training set stands at a place.</summary>
    public int[] Points { get; } = [.. Enumerable.Range(0, values.Length / dimensions)];

    /// <summary>The feature in which evenly chosen points differ most, in standard deviations; the first of several.</summary>
    public int WidestFeature(int start, int end, ReadOnlySpan<double> inverseDeviations, int sample)
    {
        var step = Math.Max(1, (end - start) / sample);
        var (widest, width) = (0, -1.0);
        for (var feature = 0; feature < dimensions; feature++)
        {
            var lower = values[start * dimensions + feature];
            var upper = lower;
            for (var place = start + step; place < end; place += step)
            {
                var value = values[place * dimensions + feature];
                (lower, upper) = (T.MinNative(lower, value), T.MaxNative(upper, value));
            }
            var spread = double.CreateTruncating(upper - lower) * inverseDeviations[feature];
            if (spread > width)
                (widest, width) = (feature, spread);
        }
        return widest;
    }

    /// <summary>
    /// Rearranges a range so that no value before a place is larger, and none behind it smaller, than the one at it
    /// (R. W. Floyd and R. L. Rivest, "Expected time bounds for selection", 1975). Expected time grows with the range's length.
    /// </summary>
    public void Select(int place, int feature, int left, int right)
    {
        while (right > left)
        {
            if (right - left > WorthSampling)
                SelectInSample(place, feature, left, right);
            var pivot = Value(place, feature);
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
            if (place <= down)
                right = down;
            else if (place >= up)
                left = up;
            else
                return;
        }
    }

    /// <summary>Brings a value close to the one sought to its place, by selecting within a sample of about n^(2/3) around it.</summary>
    private void SelectInSample(int place, int feature, int left, int right)
    {
        double count = right - left + 1, rank = place - left + 1;
        var logarithm = Math.Log(count);
        var size = 0.5 * Math.Exp(2 * logarithm / 3);
        var shift = 0.5 * Math.Sqrt(logarithm * size * (count - size) / count) * Math.Sign(rank - count / 2);
        Select(place, feature, Math.Max(left, (int)(place - rank * size / count + shift)), Math.Min(right, (int)(place + (count - rank) * size / count + shift)));
    }

    /// <summary>Unchecked: selecting spends its time here, and never leaves the range that it was given.</summary>
    private ref T Value(int place, int feature) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(values), (nint)place * dimensions + feature);

    private void Swap(int a, int b)
    {
        (Points[a], Points[b]) = (Points[b], Points[a]);
        ref var first = ref Value(a, 0);
        ref var second = ref Value(b, 0);
        for (var feature = 0; feature < dimensions; feature++)
            (Unsafe.Add(ref first, feature), Unsafe.Add(ref second, feature)) = (Unsafe.Add(ref second, feature), Unsafe.Add(ref first, feature));
    }
}

/// <summary>
/// An array of zeros whose first value stands at the start of a cache line, where the collector leaves it: vectors of a line's length never
/// straddle two, and a line can be asked for before it is needed.
/// </summary>
internal sealed class AlignedValues<T> where T : unmanaged
{
    private const int LineInBytes = 64;

    private readonly T[] _values;
    private readonly nint _first;

    public unsafe AlignedValues(long length)
    {
        var spare = LineInBytes / sizeof(T);
        _values = GC.AllocateArray<T>(checked((int)(length + spare)), pinned: true);
        var address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_values));
        _first = (LineInBytes - address % LineInBytes) % LineInBytes / sizeof(T);
    }

    /// <summary>Unchecked, for loops that cannot afford it: the caller stays within the length.</summary>
    public ref T At(nint index) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_values), _first + index);
}
