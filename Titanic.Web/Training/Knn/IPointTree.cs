namespace Titanic.Web.Training.Knn;

/// <summary>A <see cref="PointTree{T,TSum}"/>, whatever it stores and however it measures. Queries and scales have one value per feature.</summary>
internal interface IPointTree
{
    /// <summary>Shows <paramref name="nearest"/> every point that can be among the nearest.</summary>
    /// <param name="query">Raw values.</param>
    /// <param name="inverseDeviations">What differences are multiplied by; at least 0.</param>
    void Search(ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations, ref NearestRows nearest);

    /// <summary>All rows whose sum is exactly this.</summary>
    RowCounts RowsAt(double sum, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations);

    /// <summary>The distance that belongs to a sum, in standard deviations.</summary>
    double Distance(double sum);
}
