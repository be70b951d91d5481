using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Explanations;

/// <summary>Training inputs at one distance from a point, in the order of the training points.</summary>
internal sealed record DistanceGroup(double Distance, IReadOnlyList<NeighborInput> Inputs)
{
    public int Died { get; } = Inputs.Sum(input => input.Died);
    public int Survived { get; } = Inputs.Sum(input => input.Survived);
    public int Rows => Died + Survived;
}

/// <summary>All training inputs around a point, nearest first, sorted only as far as somebody looks.</summary>
internal sealed class DistanceGroups
{
    private readonly WeightedSamples _training;
    private readonly DistanceMetric _metric;
    private readonly PriorityQueue<int, double> _beyond;
    private readonly List<DistanceGroup> _found = [];

    public DistanceGroups(KnnModel model, ReadOnlySpan<double> point)
    {
        _training = model.Training;
        var distances = new (int, double)[_training.Count];
        for (var index = 0; index < distances.Length; index++)
            distances[index] = (index, Sum(_training.Point(index), point, model));
        _metric = model.Options.Metric;
        _beyond = new PriorityQueue<int, double>(distances);
    }

    /// <summary>Null behind the last.</summary>
    public DistanceGroup? At(int number)
    {
        while (_found.Count <= number && _beyond.Count > 0)
            _found.Add(Next());
        return number < _found.Count ? _found[number] : null;
    }

    /// <summary>Between two points, in standard deviations.</summary>
    public static double Distance(ReadOnlySpan<double> from, ReadOnlySpan<double> to, KnnModel model) => DistanceOf(Sum(from, to, model), model.Options.Metric);

    /// <summary>By the search's own steps, so that rows tie here exactly where they tie there.</summary>
    private static double Sum(ReadOnlySpan<double> from, ReadOnlySpan<double> to, KnnModel model)
    {
        var scale = model.InverseDeviations;
        var sum = 0.0;
        for (var feature = 0; feature < scale.Length; feature++)
        {
            var difference = from[feature] - to[feature];
            sum = model.Options.Metric == DistanceMetric.Manhattan
                ? ManhattanSum.Add(sum, difference, scale[feature])
                : EuclideanSum.Add(sum, difference, scale[feature]);
        }
        return sum;
    }

    private static double DistanceOf(double sum, DistanceMetric metric) =>
        metric == DistanceMetric.Manhattan ? ManhattanSum.Distance(sum) : EuclideanSum.Distance(sum);

    private DistanceGroup Next()
    {
        _beyond.TryDequeue(out var nearest, out var sum);
        List<int> indices = [nearest];
        while (_beyond.TryPeek(out _, out var next) && next == sum)
            indices.Add(_beyond.Dequeue());
        indices.Sort();
        var distance = DistanceOf(sum, _metric);
        return new DistanceGroup(distance, [.. indices.Select(index =>
            new NeighborInput(_training.Point(index).ToArray(), _training.Negatives[index], _training.Positives[index], distance))]);
    }
}

/// <summary>One of the different inputs whose training rows voted.</summary>
/// <param name="Point">Its encoded values.</param>
/// <param name="Died">Training rows that stand there and died.</param>
/// <param name="Survived">Training rows that stand there and survived.</param>
/// <param name="Distance">From what was asked, in standard deviations by the model's metric; 0 for an equal input.</param>
public sealed record NeighborInput(double[] Point, int Died, int Survived, double Distance)
{
    public int Rows => Died + Survived;
}

/// <summary>Who decided an answer.</summary>
internal static class VotingNeighbors
{
    /// <summary>
    /// How many of the nearest groups vote: those up to the k-th row, with all that tie there. With distance weights, rows at distance 0
    /// outvote all others.
    /// </summary>
    public static int GroupsThatVote(DistanceGroups groups, KnnOptions options)
    {
        if (DecidesAlone(groups.At(0)!, options))
            return 1;
        var (rows, count) = (0, 0);
        while (rows < options.K)
            rows += groups.At(count++)!.Rows;
        return count;
    }

    /// <summary>Whether the weights of this group's rows are infinite.</summary>
    public static bool DecidesAlone(DistanceGroup nearest, KnnOptions options) => options.Weights == NeighborWeights.Distance && nearest.Distance == 0;

    public static IReadOnlyList<NeighborInput> Of(DistanceGroups groups, KnnOptions options) =>
        [.. Enumerable.Range(0, GroupsThatVote(groups, options)).SelectMany(group => groups.At(group)!.Inputs)];
}
