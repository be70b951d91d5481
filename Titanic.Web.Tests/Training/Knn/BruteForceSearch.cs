using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>Brute-force search with scalar arithmetic: the sum of every point, sorted.</summary>
internal static class BruteForceSearch
{
    public static ClassPrediction Predict(KnnModel model, double[] query)
    {
        var groups = Groups(model.Training, model.StandardDeviations, model.Options, query);
        return model.Options.Weights == NeighborWeights.Uniform
            ? NeighborVote.Of(groups.Aggregate(default(RowCounts), (rows, group) => rows + group.Counts))
            : NeighborVote.ByDistance(groups);
    }

    public static NearestRows.Group[] Groups(WeightedSamples points, ReadOnlySpan<double> standardDeviations, KnnOptions options, double[] query)
    {
        var scale = standardDeviations.ToArray().Select(deviation => deviation > 0 ? 1 / deviation : 0).ToArray();
        var sums = Enumerable.Range(0, points.Count)
            .Select(point => (Sum: Sum(points.Point(point), query, scale, options.Metric), Died: points.Negatives[point], Survived: points.Positives[point]))
            .GroupBy(point => point.Sum)
            .OrderBy(group => group.Key)
            .Select(group => new NearestRows.Group(
                options.Metric == DistanceMetric.Manhattan ? group.Key : Math.Sqrt(group.Key), RowCounts.Of(group.Sum(point => point.Died), group.Sum(point => point.Survived))));
        var rows = 0;
        return [.. sums.TakeWhile(group =>
        {
            var isWithin = rows < options.K;
            rows += group.Counts.Rows;
            return isWithin;
        })];
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
