using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Explanations;

/// <summary>
/// The vote computed row by row with the model's scale, so that rows can be removed without changing the distances of others.
/// </summary>
internal sealed record FixedScaleVote(KnnOptions Options, (double Sum, double Distance, bool Survived)[] Rows)
{
    public static FixedScaleVote Of(KnnModel model, double[] query) => new(
        model.Options,
        [.. WithDistances(model, Enumerable.Range(0, model.Training.Count)
            .Select(point => (Sum: Sum(model, model.Training.Point(point).ToArray(), query), Point: point))
            .SelectMany(row =>
                Enumerable.Repeat((row.Sum, Survived: true), model.Training.Positives[row.Point])
                .Concat(Enumerable.Repeat((row.Sum, Survived: false), model.Training.Negatives[row.Point])))
            .OrderBy(row => row.Sum))]);

    /// <summary>Rows whose sums differ by rounding errors tie; they have the distance of the nearest of them.</summary>
    private static IEnumerable<(double, double, bool)> WithDistances(KnnModel model, IEnumerable<(double Sum, bool Survived)> sorted)
    {
        var nearest = -1.0;
        foreach (var (sum, survived) in sorted)
        {
            if (nearest < 0 || sum > nearest * (1 + TieTolerance))
                nearest = sum;
            yield return (nearest, DistanceOf(nearest, model), survived);
        }
    }

    /// <summary>Much more than rounding errors, much less than the differences of distances on the grids of the tests.</summary>
    public const double TieTolerance = 1e-9;

    public (double Sum, double Distance, bool Survived)[] VotingNeighbors()
    {
        var radius = Rows[Options.K - 1].Sum;
        var nearest = Rows[0].Sum;
        return [.. Rows.Where(row => row.Sum <= (Options.Weights == NeighborWeights.Distance && nearest == 0 ? 0 : radius))];
    }

    /// <summary>
    /// Votes for minus votes against survival, with weight 1 for the nearest row; positive if survived. Null for fewer than k rows.
    /// </summary>
    public double? Margin()
    {
        if (Rows.Length < Options.K)
            return null;
        var neighbors = VotingNeighbors();
        return neighbors.Sum(row => (row.Survived ? 1 : -1) * (Options.Weights == NeighborWeights.Uniform || row.Distance == neighbors[0].Distance ? 1 : neighbors[0].Distance / row.Distance));
    }

    public FixedScaleVote Without(IEnumerable<int> rows)
    {
        var removed = rows.ToHashSet();
        return this with { Rows = [.. Rows.Where((_, row) => !removed.Contains(row))] };
    }

    /// <summary>Sums by fused multiply-adds, as the model documents.</summary>
    public static double Distance(KnnModel model, double[] a, double[] b) => DistanceOf(Sum(model, a, b), model);

    private static double DistanceOf(double sum, KnnModel model) => model.Options.Metric == DistanceMetric.Manhattan ? sum : Math.Sqrt(sum);

    private static double Sum(KnnModel model, double[] a, double[] b)
    {
        var features = a.Select((value, feature) => (Difference: Math.Abs(value - b[feature]), Inverse: model.StandardDeviations[feature] is > 0 and var sd ? 1 / sd : 0)).ToArray();
        return model.Options.Metric == DistanceMetric.Manhattan
            ? features.Aggregate(0.0, (sum, feature) => Math.FusedMultiplyAdd(feature.Difference, feature.Inverse, sum))
            : features.Select(feature => feature.Difference * feature.Inverse).Aggregate(0.0, (sum, scaled) => Math.FusedMultiplyAdd(scaled, scaled, sum));
    }
}
