using System.Buffers;
using System.Runtime.CompilerServices;

namespace Titanic.Web.Training.Knn;

/// <summary>Finds the rows that vote: all within the distance of the k-th nearest. Immutable, safe for concurrent use, without allocations.</summary>
internal sealed class NeighborSearch
{
    /// <summary>Up to this many points are kept on the stack: 4 KB.</summary>
    private const int PointsOnStack = 128;

    private readonly IPointTree _tree;
    private readonly double[] _inverseDeviations;
    private readonly KnnOptions _options;
    private readonly int _room;

    public NeighborSearch(LabelledPoints points, double[] inverseDeviations, KnnOptions options)
    {
        _inverseDeviations = inverseDeviations;
        _options = options;
        _room = NearestRows.Room(options.K, points.Count);
        _tree = (HoldsSingles(points.Codes), options.Metric) switch
        {
            (true, DistanceMetric.Manhattan) => new PointTree<float, ManhattanSum>(points, inverseDeviations),
            (true, _) => new PointTree<float, EuclideanSum>(points, inverseDeviations),
            (false, DistanceMetric.Manhattan) => new PointTree<double, ManhattanSum>(points, inverseDeviations),
            (false, _) => new PointTree<double, EuclideanSum>(points, inverseDeviations),
        };
    }

    /// <param name="query">One usable raw value per feature.</param>
    [SkipLocalsInit]
    public KnnAnswer Vote(ReadOnlySpan<double> query)
    {
        if (_room <= PointsOnStack)
            return Vote(query, stackalloc double[_room], stackalloc long[_room], stackalloc NearestRows.Group[_room]);
        var (sums, counts, groups) = (ArrayPool<double>.Shared.Rent(_room), ArrayPool<long>.Shared.Rent(_room), ArrayPool<NearestRows.Group>.Shared.Rent(_room));
        try
        {
            return Vote(query, sums.AsSpan(0, _room), counts.AsSpan(0, _room), groups);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(sums);
            ArrayPool<long>.Shared.Return(counts);
            ArrayPool<NearestRows.Group>.Shared.Return(groups);
        }
    }

    private KnnAnswer Vote(ReadOnlySpan<double> query, Span<double> sums, Span<long> counts, Span<NearestRows.Group> room)
    {
        var nearest = new NearestRows(_options.K, sums, counts);
        _tree.Search(query, _inverseDeviations, ref nearest);
        RowCounts? tied = nearest.MayLackTies ? _tree.RowsAt(nearest.Reach, query, _inverseDeviations) : null;
        return _options.Weights == NeighborWeights.Uniform
            ? NeighborVote.Of(tied is { } all ? nearest.RowsWithin(Math.BitDecrement(nearest.Reach)) + all : nearest.RowsWithin(nearest.Reach))
            : NeighborVote.ByDistance(nearest.Groups(_tree, tied, room));
    }

    private static bool HoldsSingles(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if ((float)value != value)
                return false;
        }
        return true;
    }
}
