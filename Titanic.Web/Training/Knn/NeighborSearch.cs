using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// Exact k-nearest-neighbor search and vote. All rows within the distance of the k-th nearest row vote, including ties
/// (<see cref="DistanceTie"/>); with distance weights, rows at distance 0 vote alone. Immutable, safe for concurrent use, and free of
/// allocations.
/// </summary>
internal sealed class NeighborSearch
{
    /// <summary>Up to this many points are kept on the stack (4 KB), more in pooled arrays.</summary>
    private const int MaximumStackPoints = 128;

    private readonly IPointTree _tree;
    private readonly double[] _inverseDeviations;
    private readonly KnnOptions _options;
    private readonly int _capacity;

    /// <summary>Builds the search tree, O(n d log n).</summary>
    /// <param name="points">n distinct points x d features.</param>
    /// <param name="inverseDeviations">d factors that scale differences of raw values; at least 0.</param>
    /// <param name="options">k, metric and weights.</param>
    public NeighborSearch(WeightedSamples points, double[] inverseDeviations, KnnOptions options)
    {
        _inverseDeviations = inverseDeviations;
        _options = options;
        _capacity = NearestRows.Capacity(options.K, points.Count);
        _tree = (AreExactSingles(points.Values), options.Metric) switch
        {
            (true, DistanceMetric.Manhattan) => new PointTree<float, ManhattanSum>(points, inverseDeviations),
            (true, _) => new PointTree<float, EuclideanSum>(points, inverseDeviations),
            (false, DistanceMetric.Manhattan) => new PointTree<double, ManhattanSum>(points, inverseDeviations),
            (false, _) => new PointTree<double, EuclideanSum>(points, inverseDeviations),
        };
    }

    /// <summary>Predicts one point by the vote of its nearest neighbors.</summary>
    /// <param name="query">d allowed raw values; not validated.</param>
    [SkipLocalsInit]
    public ClassPrediction Vote(ReadOnlySpan<double> query)
    {
        if (_capacity <= MaximumStackPoints)
            return Vote(query, stackalloc double[_capacity], stackalloc long[_capacity], stackalloc NearestRows.Group[_capacity]);
        var (sums, counts, groups) = (ArrayPool<double>.Shared.Rent(_capacity), ArrayPool<long>.Shared.Rent(_capacity), ArrayPool<NearestRows.Group>.Shared.Rent(_capacity));
        try
        {
            return Vote(query, sums.AsSpan(0, _capacity), counts.AsSpan(0, _capacity), groups);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(sums);
            ArrayPool<long>.Shared.Return(counts);
            ArrayPool<NearestRows.Group>.Shared.Return(groups);
        }
    }

    private ClassPrediction Vote(ReadOnlySpan<double> query, Span<double> sums, Span<long> counts, Span<NearestRows.Group> groups)
    {
        var nearest = new NearestRows(_options.K, sums, counts);
        _tree.Search(query, _inverseDeviations, ref nearest);
        RowCounts? last = nearest.MayMissTies ? _tree.RowsWithin(nearest.LastSums, query, _inverseDeviations) : null;
        return _options.Weights == NeighborWeights.Uniform
            ? NeighborVote.Of(last is { } rows ? nearest.RowsWithin(Math.BitDecrement(nearest.LastSums.Lower)) + rows : nearest.RowsWithin(nearest.Reach))
            : NeighborVote.ByDistance(nearest.Groups(_tree, last, groups));
    }

    private static bool AreExactSingles(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if ((float)value != value)
                return false;
        }
        return true;
    }
}

/// <summary>Turns the voting rows into a prediction.</summary>
internal static class NeighborVote
{
    /// <summary>Uniform weights: every row has one vote.</summary>
    /// <param name="neighbors">Voting rows by outcome, at least one row.</param>
    public static ClassPrediction Of(RowCounts neighbors)
    {
        return ClassPrediction.FromCounts(neighbors.Positives, neighbors.Rows) with { Survivors = neighbors.Positives, Neighbors = neighbors.Rows };
    }

    /// <summary>Weights by distance: the vote of a row weighs 1/distance.</summary>
    /// <param name="nearest">Voting rows by ascending distance, at least one group.</param>
    public static ClassPrediction ByDistance(ReadOnlySpan<NearestRows.Group> nearest)
    {
        // At distance 0 the weight 1/distance is infinite: those rows outvote all others.
        if (nearest.Length == 1 || nearest[0].Distance == 0)
            return Of(nearest[0].Counts);

        var neighbors = default(RowCounts);
        var (votesAgainst, votesFor) = (0.0, 0.0);
        foreach (var (distance, counts) in nearest)
        {
            neighbors += counts;
            // nearest/distance instead of 1/distance gives the same shares and cannot overflow for small distances.
            var weight = distance == nearest[0].Distance ? 1 : nearest[0].Distance / distance;
            votesAgainst += weight * counts.Negatives;
            votesFor += weight * counts.Positives;
        }
        var survived = DistanceTie.IsMajority(votesFor, votesAgainst);
        var isTied = !survived && !DistanceTie.IsMajority(votesAgainst, votesFor);
        var share = isTied ? 0.5 : votesFor / (votesFor + votesAgainst);
        return new ClassPrediction(survived, (share * neighbors.Rows + 1) / (neighbors.Rows + 2), neighbors.Positives, neighbors.Rows);
    }
}

/// <summary>Numbers of rows by outcome, packed into one 64-bit integer so that vector code moves both counts in one step.</summary>
/// <param name="Packed">Rows that died in the low 32 bits, rows that survived in the high 32 bits.</param>
internal readonly record struct RowCounts(long Packed)
{
    public static RowCounts Of(int negatives, int positives) => new((uint)negatives | (long)positives << 32);

    public int Negatives => (int)Packed;
    public int Positives => (int)(Packed >> 32);
    public int Rows => Negatives + Positives;

    /// <summary>Adds both counts. Neither half overflows, because a training set has at most 2^31 - 1 rows.</summary>
    public static RowCounts operator +(RowCounts a, RowCounts b) => new(a.Packed + b.Packed);
}

/// <summary>
/// Accumulates the differences of two points to a distance, for eight points at once. The sum adds the features in order, each step a fused
/// multiply-add (IEEE 754: rounded once), so every processor and every vector width computes the same bits. No step decreases when a
/// difference grows, which makes the bounds of <see cref="PointTree{T,TSum}"/> exact. Equal distances can have sums that differ by rounding
/// errors; <see cref="DistanceTie"/> compares them.
/// </summary>
internal interface IDistanceSum
{
    /// <summary>Adds one feature for eight points.</summary>
    /// <param name="sum">Sums of the previous features.</param>
    /// <param name="difference">Differences of raw values; the sign is ignored.</param>
    /// <param name="inverseDeviation">1/standard deviation of the feature, in all lanes.</param>
    static abstract Vector512<double> Add(Vector512<double> sum, Vector512<double> difference, Vector512<double> inverseDeviation);

    /// <summary>Adds one feature for one point; same rounding as the vector version.</summary>
    static abstract double Add(double sum, double difference, double inverseDeviation);

    /// <summary>Converts a sum to a distance in standard deviations.</summary>
    static abstract double Distance(double sum);
}

/// <summary>Manhattan distance: sum of absolute scaled differences.</summary>
internal readonly struct ManhattanSum : IDistanceSum
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Add(Vector512<double> sum, Vector512<double> difference, Vector512<double> inverseDeviation) =>
        Vector512.FusedMultiplyAdd(Vector512.Abs(difference), inverseDeviation, sum);

    public static double Add(double sum, double difference, double inverseDeviation) => Math.FusedMultiplyAdd(Math.Abs(difference), inverseDeviation, sum);

    public static double Distance(double sum) => sum;
}

/// <summary>
/// Euclidean distance: root of the sum of squared scaled differences. Ties are determined by the sums, before the root. A difference below
/// 1e-162 standard deviations counts as 0, because its square does.
/// </summary>
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
