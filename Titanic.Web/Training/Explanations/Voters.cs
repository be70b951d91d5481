using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Explanations;

/// <summary>Who decided an answer.</summary>
internal static class Voters
{
    /// <summary>
    /// How many of the nearest rings vote: those up to the k-th row, with all that tie there. With distance weights, rows at distance 0
    /// outvote all others.
    /// </summary>
    public static int RingsThatVote(Rings rings, KnnOptions options)
    {
        if (DecidesAlone(rings.At(0)!, options))
            return 1;
        var (rows, count) = (0, 0);
        while (rows < options.K)
            rows += rings.At(count++)!.Rows;
        return count;
    }

    /// <summary>Whether the weights of this ring's rows are infinite.</summary>
    public static bool DecidesAlone(Ring nearest, KnnOptions options) => options.Weights == NeighborWeights.Distance && nearest.Distance == 0;

    public static IReadOnlyList<NeighborInput> Of(Rings rings, KnnOptions options) =>
        [.. Enumerable.Range(0, RingsThatVote(rings, options)).SelectMany(ring => rings.At(ring)!.Inputs)];
}
