using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Explanations;

/// <summary>Training points at one distance from the query; they tie by <see cref="DistanceTie"/>.</summary>
/// <param name="Distance">Distance of the nearest of them, in standard deviations, at least 0.</param>
/// <param name="Inputs">The points, in the order of the training points.</param>
internal sealed record DistanceGroup(double Distance, IReadOnlyList<NeighborInput> Inputs)
{
    public int Died { get; } = Inputs.Sum(input => input.Died);
    public int Survived { get; } = Inputs.Sum(input => input.Survived);
    public int Rows => Died + Survived;
}

/// <summary>
/// Training points grouped by their distance from the query, nearest first. Groups are sorted lazily, as far as they are read.
/// </summary>
internal sealed class DistanceGroups
{
    private readonly WeightedSamples _training;
    private readonly KnnOptions _options;
    private readonly PriorityQueue<int, double> _queue;
    private readonly List<DistanceGroup> _groups = [];
    private long _rows;

    /// <summary>Computes the distances of all n distinct training points.</summary>
    /// <param name="model">The model whose training points, scale and metric are used.</param>
    /// <param name="point">The query; d raw values.</param>
    public DistanceGroups(KnnModel model, ReadOnlySpan<double> point)
    {
        _training = model.Training;
        var distances = new (int, double)[_training.Count];
        for (var index = 0; index < distances.Length; index++)
            distances[index] = (index, Sum(_training.Point(index), point, model));
        _options = model.Options;
        _queue = new PriorityQueue<int, double>(distances);
    }

    /// <summary>The group with an index, 0 for the nearest; null after the last group.</summary>
    public DistanceGroup? At(int index)
    {
        while (_groups.Count <= index && _queue.Count > 0)
            _groups.Add(DequeueGroup());
        return index < _groups.Count ? _groups[index] : null;
    }

    /// <summary>
    /// Sum of the differences of two points (<see cref="IDistanceSum"/>), added in the same steps as by the neighbor search, so that
    /// exactly the same rows tie.
    /// </summary>
    public static double Sum(ReadOnlySpan<double> from, ReadOnlySpan<double> to, KnnModel model)
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

    /// <summary>Converts a sum to a distance in standard deviations.</summary>
    public static double DistanceOf(double sum, DistanceMetric metric) =>
        metric == DistanceMetric.Manhattan ? ManhattanSum.Distance(sum) : EuclideanSum.Distance(sum);

    private DistanceGroup DequeueGroup()
    {
        _queue.TryPeek(out _, out var nearest);
        List<int> indices = [];
        var limit = DistanceTie.Limit(nearest);
        while (_queue.TryPeek(out var index, out var sum) && sum <= limit)
        {
            indices.Add(_queue.Dequeue());
            var before = _rows;
            _rows += _training.Negatives[index] + _training.Positives[index];
            if (before < _options.K && _rows >= _options.K)
                limit = DistanceTie.Limit(sum); // as in the vote: everything that ties with the k-th row
        }
        indices.Sort();
        var distance = DistanceOf(nearest, _options.Metric);
        return new DistanceGroup(distance, [.. indices.Select(index =>
            new NeighborInput(_training.Point(index).ToArray(), _training.Negatives[index], _training.Positives[index], distance))]);
    }
}

/// <summary>A distinct training point near the query.</summary>
/// <param name="Point">d encoded values.</param>
/// <param name="Died">Number of training rows at this point that died.</param>
/// <param name="Survived">Number of training rows at this point that survived.</param>
/// <param name="Distance">From the query, in standard deviations by the model's metric; 0 for an equal point.</param>
public sealed record NeighborInput(double[] Point, int Died, int Survived, double Distance)
{
    public int Rows => Died + Survived;
}

/// <summary>Determines the training rows whose votes decide a prediction.</summary>
internal static class VotingNeighbors
{
    /// <summary>
    /// Number of nearest groups whose rows vote: all up to the distance of the k-th row, including ties. With distance weights, only the
    /// rows at distance 0 vote if there are any.
    /// </summary>
    public static int CountVotingGroups(DistanceGroups groups, KnnOptions options)
    {
        if (HasInfiniteWeight(groups.At(0)!, options))
            return 1;
        var (rows, count) = (0, 0);
        while (rows < options.K)
            rows += groups.At(count++)!.Rows;
        return count;
    }

    /// <summary>Whether the weights of the nearest group are infinite: distance 0 with distance weights.</summary>
    public static bool HasInfiniteWeight(DistanceGroup nearest, KnnOptions options) => options.Weights == NeighborWeights.Distance && nearest.Distance == 0;

    /// <summary>All points whose rows vote, nearest first.</summary>
    public static IReadOnlyList<NeighborInput> Of(DistanceGroups groups, KnnOptions options) =>
        [.. Enumerable.Range(0, CountVotingGroups(groups, options)).SelectMany(group => groups.At(group)!.Inputs)];
}
