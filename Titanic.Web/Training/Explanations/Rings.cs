using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Explanations;

/// <summary>Training inputs at one distance from a point, in the order of the training points.</summary>
internal sealed record Ring(double Distance, IReadOnlyList<NeighborInput> Inputs)
{
    public int Died { get; } = Inputs.Sum(input => input.Died);
    public int Survived { get; } = Inputs.Sum(input => input.Survived);
    public int Rows => Died + Survived;
}

/// <summary>All training inputs around a point, nearest first, sorted only as far as somebody looks.</summary>
internal sealed class Rings
{
    private readonly LabelledPoints _training;
    private readonly DistanceMetric _metric;
    private readonly PriorityQueue<int, double> _beyond;
    private readonly List<Ring> _found = [];

    public Rings(KnnModel model, ReadOnlySpan<double> point)
    {
        _training = model.Training;
        var distances = new (int, double)[_training.Count];
        for (var index = 0; index < distances.Length; index++)
            distances[index] = (index, Sum(_training.Point(index), point, model));
        _metric = model.Options.Metric;
        _beyond = new PriorityQueue<int, double>(distances);
    }

    /// <summary>Null behind the last.</summary>
    public Ring? At(int number)
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

    private Ring Next()
    {
        _beyond.TryDequeue(out var nearest, out var sum);
        List<int> indices = [nearest];
        while (_beyond.TryPeek(out _, out var next) && next == sum)
            indices.Add(_beyond.Dequeue());
        indices.Sort();
        var distance = DistanceOf(sum, _metric);
        return new Ring(distance, [.. indices.Select(index =>
            new NeighborInput(_training.Point(index).ToArray(), _training.Negatives[index], _training.Positives[index], distance))]);
    }
}
