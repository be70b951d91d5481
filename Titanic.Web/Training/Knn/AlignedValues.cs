using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titanic.Web.Training.Knn;

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
