using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>The definition of the K-NN written down row by row: slow, without grouping, for integer codes only.</summary>
internal static class RowByRowKnn
{
    public static ClassPrediction Predict(KnnSample sample)
    {
        var scale = Enumerable.Range(0, sample.Query.Length).Select(feature => InverseDeviation(sample, feature)).ToArray();
        var rows = sample.Rows
            .Select(row => (Distance: Distance(row.Point, sample.Query, scale, sample.Options.Metric), row.Survived))
            .OrderBy(row => row.Distance)
            .ToArray();
        var reach = rows[sample.Options.K - 1].Distance;
        var voters = rows.Where(row => row.Distance <= reach).ToArray();
        var weighted = sample.Options.Weights == NeighborWeights.Distance;
        if (weighted && voters[0].Distance == 0)
            voters = [.. voters.Where(row => row.Distance == 0)];

        var survivors = voters.Count(row => row.Survived);
        var byDistance = weighted && voters[0].Distance > 0;
        var all = voters.Sum(row => byDistance ? 1 / row.Distance : 1);
        var share = voters.Where(row => row.Survived).Sum(row => byDistance ? 1 / row.Distance : 1) / all;
        return new ClassPrediction(share > 0.5, (share * voters.Length + 1) / (voters.Length + 2), survivors, voters.Length);
    }

    private static double InverseDeviation(KnnSample sample, int feature)
    {
        var values = sample.Rows.Select(row => (long)row.Point[feature]).ToArray();
        var spread = values.Length * values.Sum(value => value * value) - values.Sum() * values.Sum();
        return spread == 0 ? 0 : 1 / (Math.Sqrt(spread) / values.Length);
    }

    /// <summary>Summed by fused steps, as the model documents: which distances are equal depends on how they are rounded.</summary>
    private static double Distance(double[] a, double[] b, double[] scale, DistanceMetric metric)
    {
        var differences = a.Zip(b, (first, second) => Math.Abs(first - second)).ToArray();
        return metric == DistanceMetric.Manhattan
            ? differences.Zip(scale).Aggregate(0.0, (sum, feature) => Math.FusedMultiplyAdd(feature.First, feature.Second, sum))
            : Math.Sqrt(differences.Zip(scale, (difference, inverse) => difference * inverse).Aggregate(0.0, (sum, scaled) => Math.FusedMultiplyAdd(scaled, scaled, sum)));
    }
}
