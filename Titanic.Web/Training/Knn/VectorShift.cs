using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Titanic.Web.Training.Knn;

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
