using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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

    public NeighborSearch(WeightedSamples points, double[] inverseDeviations, KnnOptions options)
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
    public ClassPrediction Vote(ReadOnlySpan<double> query)
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

    private ClassPrediction Vote(ReadOnlySpan<double> query, Span<double> sums, Span<long> counts, Span<NearestRows.Group> room)
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

internal static class NeighborVote
{
    /// <param name="voters">At least one row; each has one vote.</param>
    public static ClassPrediction Of(RowCounts voters)
    {
        return ClassPrediction.FromCounts(voters.Positives, voters.Rows) with { Survivors = voters.Positives, Neighbors = voters.Rows };
    }

    /// <summary>A vote weighs 1/distance.</summary>
    /// <param name="nearest">Voting rows by ascending distance, at least one group.</param>
    public static ClassPrediction ByDistance(ReadOnlySpan<NearestRows.Group> nearest)
    {
        // At distance 0 a weight of 1/distance is infinite: the rows that stand there outvote all others.
        if (nearest.Length == 1 || nearest[0].Distance == 0)
            return Of(nearest[0].Counts);

        var voters = default(RowCounts);
        var (votesAgainst, votesFor) = (0.0, 0.0);
        foreach (var (distance, counts) in nearest)
        {
            voters += counts;
            // nearest/distance instead of 1/distance: the same shares, and nothing overflows however small the distances are.
            var weight = distance == nearest[0].Distance ? 1 : nearest[0].Distance / distance;
            votesAgainst += weight * counts.Negatives;
            votesFor += weight * counts.Positives;
        }
        var share = votesFor / (votesFor + votesAgainst);
        return new ClassPrediction(votesFor > votesAgainst, (share * voters.Rows + 1) / (voters.Rows + 2), voters.Positives, voters.Rows);
    }
}

/// <summary>The rows at one point by outcome, in one machine word, so that they move with their distance in one step.</summary>
/// <param name="Word">Rows that died in the low 32 bits, rows that survived in the high ones.</param>
internal readonly record struct RowCounts(long Word)
{
    public static RowCounts Of(int negatives, int positives) => new((uint)negatives | (long)positives << 32);

    public int Negatives => (int)Word;
    public int Positives => (int)(Word >> 32);
    public int Rows => Negatives + Positives;

    /// <summary>Neither half overflows: a training set has at most 2^31 - 1 rows.</summary>
    public static RowCounts operator +(RowCounts a, RowCounts b) => new(a.Word + b.Word);
}

/// <summary>
/// How the differences of two points add up to their distance, for eight points at once. The sum goes through the features in their
/// order, each step a fused multiply-add (IEEE 754: rounded once), so every processor and every vector width gives the same bits; and no
/// step falls when a difference grows, which is what makes the bounds of <see cref="PointTree{T,TSum}"/> exact.
/// </summary>
internal interface IDistanceSum
{
    /// <param name="difference">Of raw values; its sign does not matter.</param>
    static abstract Vector512<double> Add(Vector512<double> sum, Vector512<double> difference, Vector512<double> inverseDeviation);

    /// <summary>The same step for one point alone.</summary>
    static abstract double Add(double sum, double difference, double inverseDeviation);

    /// <summary>The distance that people mean by a sum, in standard deviations.</summary>
    static abstract double Distance(double sum);
}

/// <summary>Sum of absolute differences.</summary>
internal readonly struct ManhattanSum : IDistanceSum
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Add(Vector512<double> sum, Vector512<double> difference, Vector512<double> inverseDeviation) =>
        Vector512.FusedMultiplyAdd(Vector512.Abs(difference), inverseDeviation, sum);

    public static double Add(double sum, double difference, double inverseDeviation) => Math.FusedMultiplyAdd(Math.Abs(difference), inverseDeviation, sum);

    public static double Distance(double sum) => sum;
}

/// <summary>Sum of squared differences. Rows tie when their sums do, before the root is taken.</summary>
internal readonly struct EuclideanSum : IDistanceSum
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Add(Vector512<double> sum, Vector512<double> difference, Vector512<double> inverseDeviation)
    {
        var scaled = difference * inverseDeviation;
        return Vector512.FusedMultiplyAdd(scaled, scaled, sum);
    }

    public static double Add(double sum, double difference, double inverseDeviation)
    {
        var scaled = difference * inverseDeviation;
        return Math.FusedMultiplyAdd(scaled, scaled, sum);
    }

    public static double Distance(double sum) => Math.Sqrt(sum);
}
