using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// How the differences of two points add up to their distance, for eight points at once. The sum goes through the features in their
/// order, each step a fused multiply-add (IEEE 754: rounded once), so every processor and every vector width gives the same bits; and no
/// step falls when a difference grows, which is what makes the bounds of <see cref="PointTree{T,TSum}"/> exact.
/// </summary>
internal interface IDistanceSum
{
    /// <param name="difference">Of raw values; its sign does not matter.</param>
    static abstract Vector512<double> Add(Vector512<double> sum, Vector512<double> difference, Vector512<double> inverseDeviation);

    /// <summary>The same step for one point alone.</summary>
    static abstract double Add(double sum, double difference, double inverseDeviation);

    /// <summary>The distance that people mean by a sum, in standard deviations.</summary>
    static abstract double Distance(double sum);
}

/// <summary>Sum of absolute differences.</summary>
internal readonly struct ManhattanSum : IDistanceSum
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Add(Vector512<double> sum, Vector512<double> difference, Vector512<double> inverseDeviation) =>
        Vector512.FusedMultiplyAdd(Vector512.Abs(difference), inverseDeviation, sum);

    public static double Add(double sum, double difference, double inverseDeviation) => Math.FusedMultiplyAdd(Math.Abs(difference), inverseDeviation, sum);

    public static double Distance(double sum) => sum;
}

/// <summary>Sum of squared differences. Rows tie when their sums do, before the root is taken.</summary>
internal readonly struct EuclideanSum : IDistanceSum
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Add(Vector512<double> sum, Vector512<double> difference, Vector512<double> inverseDeviation)
    {
        var scaled = difference * inverseDeviation;
        return Vector512.FusedMultiplyAdd(scaled, scaled, sum);
    }

    public static double Add(double sum, double difference, double inverseDeviation)
    {
        var scaled = difference * inverseDeviation;
        return Math.FusedMultiplyAdd(scaled, scaled, sum);
    }

    public static double Distance(double sum) => Math.Sqrt(sum);
}
