using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Explanations;

/// <summary>The vote written down row by row, with the distances that a model has learned: rows can be left out without moving the others.</summary>
internal sealed record FixedScaleVote(KnnOptions Options, (double Sum, double Distance, bool Survived)[] Rows)
{
    public static FixedScaleVote Of(KnnModel model, double[] query) => new(
        model.Options,
        [.. Enumerable.Range(0, model.Training.Count)
            .Select(point => (Sum: Sum(model, model.Training.Point(point).ToArray(), query), Point: point))
            .SelectMany(row =>
                Enumerable.Repeat((row.Sum, DistanceOf(row.Sum, model), true), model.Training.Positives[row.Point])
                .Concat(Enumerable.Repeat((row.Sum, DistanceOf(row.Sum, model), false), model.Training.Negatives[row.Point])))
            .OrderBy(row => row.Sum)]);

    /// <summary>Rows tie where their sums are equal: two sums that differ in the last bit can have one square root.</summary>
    public (double Sum, double Distance, bool Survived)[] VotingNeighbors()
    {
        var reach = Rows[Options.K - 1].Sum;
        var nearest = Rows[0].Sum;
        return [.. Rows.Where(row => row.Sum <= (Options.Weights == NeighborWeights.Distance && nearest == 0 ? 0 : reach))];
    }

    /// <summary>Votes for survival minus votes against, where the nearest row's vote is 1: survived if above 0. Null with fewer than k rows.</summary>
    public double? Margin()
    {
        if (Rows.Length < Options.K)
            return null;
        var voters = VotingNeighbors();
        return voters.Sum(row => (row.Survived ? 1 : -1) * (Options.Weights == NeighborWeights.Uniform || row.Distance == voters[0].Distance ? 1 : voters[0].Distance / row.Distance));
    }

    public FixedScaleVote Without(IEnumerable<int> rows)
    {
        var gone = rows.ToHashSet();
        return this with { Rows = [.. Rows.Where((_, row) => !gone.Contains(row))] };
    }

    /// <summary>Summed by fused steps, as the model documents: which distances are equal depends on how they are rounded.</summary>
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
