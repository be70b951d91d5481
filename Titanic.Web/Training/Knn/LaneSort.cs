using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Titanic.Web.Training.Knn;

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
