using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>Reference implementation of the K-NN, row by row: slow, without grouping, for integer codes only.</summary>
internal static class ReferenceKnn
{
    public static ClassPrediction Predict(KnnSample sample)
    {
        var scale = Enumerable.Range(0, sample.Query.Length).Select(feature => InverseDeviation(sample, feature)).ToArray();
        var rows = sample.Rows
            .Select(row => (Distance: Distance(row.Point, sample.Query, scale, sample.Options.Metric), row.Survived))
            .OrderBy(row => row.Distance)
            .ToArray();
        var radius = rows[sample.Options.K - 1].Distance;
        var neighbors = rows.Where(row => row.Distance <= radius * (1 + 1e-9)).ToArray();
        var weighted = sample.Options.Weights == NeighborWeights.Distance;
        if (weighted && neighbors[0].Distance == 0)
            neighbors = [.. neighbors.Where(row => row.Distance == 0)];

        var survivors = neighbors.Count(row => row.Survived);
        var byDistance = weighted && neighbors[0].Distance > 0;
        var all = neighbors.Sum(row => byDistance ? 1 / row.Distance : 1);
        var share = neighbors.Where(row => row.Survived).Sum(row => byDistance ? 1 / row.Distance : 1) / all;
        return new ClassPrediction(share > 0.5, (share * neighbors.Length + 1) / (neighbors.Length + 2), survivors, neighbors.Length);
    }

    private static double InverseDeviation(KnnSample sample, int feature)
    {
        var values = sample.Rows.Select(row => (long)row.Point[feature]).ToArray();
        var spread = values.Length * values.Sum(value => value * value) - values.Sum() * values.Sum();
        return spread == 0 ? 0 : 1 / (Math.Sqrt(spread) / values.Length);
    }

    /// <summary>Sums by fused multiply-adds, as the model documents.</summary>
    private static double Distance(double[] a, double[] b, double[] scale, DistanceMetric metric)
    {
        var differences = a.Zip(b, (first, second) => Math.Abs(first - second)).ToArray();
        return metric == DistanceMetric.Manhattan
            ? differences.Zip(scale).Aggregate(0.0, (sum, feature) => Math.FusedMultiplyAdd(feature.First, feature.Second, sum))
            : Math.Sqrt(differences.Zip(scale, (difference, inverse) => difference * inverse).Aggregate(0.0, (sum, scaled) => Math.FusedMultiplyAdd(scaled, scaled, sum)));
    }
}
