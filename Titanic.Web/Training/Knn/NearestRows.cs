namespace Titanic.Web.Training.Knn;

/// <summary>
/// The rows nearest to a query, grouped by distance: the closest groups that together hold at least k rows, so that all rows at the
/// k-th distance are among them. Exact: every distinct point is looked at once.
/// </summary>
internal ref struct NearestRows
{
    private readonly int _k;
    private readonly Span<Group> _groups;
    private int _count;
    private int _rows;

    /// <param name="groups">Room for min(k, distinct points) + 1 groups: every group holds at least one row.</param>
    private NearestRows(int k, Span<Group> groups)
    {
        _k = k;
        _groups = groups;
    }

    /// <summary>Rows at one distance.</summary>
    public record struct Group(double Distance, int Negatives, int Positives);

    public static int RoomFor(int k, LabelledPoints points) => Math.Min(k, points.Count) + 1;

    /// <summary>Groups by ascending distance, written into <paramref name="room"/> (<see cref="RoomFor"/> long).</summary>
    public static ReadOnlySpan<Group> Find(
        ReadOnlySpan<double> query, LabelledPoints points, ReadOnlySpan<double> inverseDeviations, KnnOptions options, Span<Group> room)
    {
        var nearest = new NearestRows(options.K, room);
        var codes = points.Codes;
        var negatives = points.Negatives;
        var positives = points.Positives;
        var isManhattan = options.Metric == DistanceMetric.Manhattan;
        for (var point = 0; point < negatives.Length; point++)
        {
            var row = codes.Slice(point * query.Length, query.Length);
            var distance = isManhattan ? Manhattan(row, query, inverseDeviations) : Euclidean(row, query, inverseDeviations);
            if (nearest.IsWithinReach(distance))
                nearest.Add(new Group(distance, negatives[point], positives[point]));
        }
        return room[..nearest._count];
    }

    // Raw differences times 1/sd, summed in the features' order: a difference of standardised values would be rounded twice and
    // would tell rows apart that stand at mathematically equal distances.
    private static double Manhattan(ReadOnlySpan<double> point, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations)
    {
        var sum = 0.0;
        for (var feature = 0; feature < point.Length; feature++)
            sum += Math.Abs(point[feature] - query[feature]) * inverseDeviations[feature];
        return sum;
    }

    private static double Euclidean(ReadOnlySpan<double> point, ReadOnlySpan<double> query, ReadOnlySpan<double> inverseDeviations)
    {
        var sum = 0.0;
        for (var feature = 0; feature < point.Length; feature++)
        {
            var difference = Math.Abs(point[feature] - query[feature]) * inverseDeviations[feature];
            sum += difference * difference;
        }
        return Math.Sqrt(sum);
    }

    private readonly bool IsWithinReach(double distance) => _rows < _k || distance <= _groups[_count - 1].Distance;

    private void Add(Group candidate)
    {
        var place = _count;
        while (place > 0 && _groups[place - 1].Distance > candidate.Distance)
            place--;
        if (place > 0 && _groups[place - 1].Distance == candidate.Distance)
        {
            _groups[place - 1].Negatives += candidate.Negatives;
            _groups[place - 1].Positives += candidate.Positives;
        }
        else
        {
            _groups[place.._count].CopyTo(_groups[(place + 1)..]);
            _groups[place] = candidate;
            _count++;
        }
        _rows += candidate.Negatives + candidate.Positives;
        DropBeyondTheKthDistance();
    }

    private void DropBeyondTheKthDistance()
    {
        while (_count > 1)
        {
            var last = _groups[_count - 1];
            var withoutLast = _rows - last.Negatives - last.Positives;
            if (withoutLast < _k)
                return;
            _rows = withoutLast;
            _count--;
        }
    }
}
