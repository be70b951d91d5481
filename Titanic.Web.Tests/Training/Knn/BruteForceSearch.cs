using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>Brute-force search with scalar arithmetic: the sum of every point, sorted; ties by 2^22 units in the last place.</summary>
internal static class BruteForceSearch
{
    private const int Tolerance = 1 << 22;

    public static ClassPrediction Predict(KnnModel model, double[] query)
    {
        var groups = Groups(model.Training, model.StandardDeviations, model.Options, query);
        return model.Options.Weights == NeighborWeights.Uniform
            ? NeighborVote.Of(groups.Aggregate(default(RowCounts), (rows, group) => rows + group.Counts))
            : NeighborVote.ByDistance(groups);
    }

    /// <summary>The voting rows, grouped by ascending distance.</summary>
    /// <param name="tolerance">Tolerance of ties in units in the last place; default that of the product.</param>
    public static NearestRows.Group[] Groups(
        WeightedSamples points, ReadOnlySpan<double> standardDeviations, KnnOptions options, double[] query, int tolerance = Tolerance)
    {
        var scale = standardDeviations.ToArray().Select(deviation => deviation > 0 ? 1 / deviation : 0).ToArray();
        var sorted = Enumerable.Range(0, points.Count)
            .Select(point => (Sum: Sum(points.Point(point), query, scale, options.Metric), Counts: RowCounts.Of(points.Negatives[point], points.Positives[point])))
            .OrderBy(point => point.Sum).ToArray();
        var rows = 0;
        var reach = sorted.First(point => (rows += point.Counts.Rows) >= options.K).Sum;
        List<(double Nearest, RowCounts Counts)> groups = [];
        foreach (var (sum, counts) in sorted.TakeWhile(point => Ties(point.Sum, reach)))
        {
            if (groups.Count > 0 && Ties(sum, groups[^1].Nearest))
                groups[^1] = groups[^1] with { Counts = groups[^1].Counts + counts };
            else
                groups.Add((sum, counts));
        }
        return [.. groups.Select(group => new NearestRows.Group(options.Metric == DistanceMetric.Manhattan ? group.Nearest : Math.Sqrt(group.Nearest), group.Counts))];

        bool Ties(double sum, double smaller) => sum <= smaller || BitConverter.DoubleToInt64Bits(sum) - BitConverter.DoubleToInt64Bits(smaller) <= tolerance;
    }

    private static double Sum(ReadOnlySpan<double> point, double[] query, double[] scale, DistanceMetric metric)
    {
        var sum = 0.0;
        for (var feature = 0; feature < query.Length; feature++)
        {
            var difference = point[feature] - query[feature];
            sum = metric == DistanceMetric.Manhattan
                ? Math.FusedMultiplyAdd(Math.Abs(difference), scale[feature], sum)
                : Math.FusedMultiplyAdd(difference * scale[feature], difference * scale[feature], sum);
        }
        return sum;
    }
}
