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
    private readonly PriorityQueue<int, double> _beyond;
    private readonly List<Ring> _found = [];

    public Rings(KnnModel model, ReadOnlySpan<double> point)
    {
        _training = model.Training;
        var distances = new (int, double)[_training.Count];
        for (var index = 0; index < distances.Length; index++)
            distances[index] = (index, Distance(_training.Point(index), point, model));
        _beyond = new PriorityQueue<int, double>(distances);
    }

    /// <summary>Null behind the last.</summary>
    public Ring? At(int number)
    {
        while (_found.Count <= number && _beyond.Count > 0)
            _found.Add(Next());
        return number < _found.Count ? _found[number] : null;
    }

    /// <summary>Between two points as the model measures it: raw differences times 1/sd, added up in the features' order, so that ties stay ties.</summary>
    public static double Distance(ReadOnlySpan<double> from, ReadOnlySpan<double> to, KnnModel model)
    {
        var scale = model.InverseDeviations;
        var sum = 0.0;
        if (model.Options.Metric == DistanceMetric.Manhattan)
        {
            for (var feature = 0; feature < scale.Length; feature++)
                sum += Math.Abs(from[feature] - to[feature]) * scale[feature];
            return sum;
        }
        for (var feature = 0; feature < scale.Length; feature++)
        {
            var difference = Math.Abs(from[feature] - to[feature]) * scale[feature];
            sum += difference * difference;
        }
        return Math.Sqrt(sum);
    }

    private Ring Next()
    {
        _beyond.TryDequeue(out var nearest, out var distance);
        List<int> indices = [nearest];
        while (_beyond.TryPeek(out _, out var next) && next == distance)
            indices.Add(_beyond.Dequeue());
        indices.Sort();
        return new Ring(distance, [.. indices.Select(index =>
            new NeighborInput(_training.Point(index).ToArray(), _training.Negatives[index], _training.Positives[index], distance))]);
    }
}
