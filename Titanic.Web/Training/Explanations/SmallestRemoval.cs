using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Explanations;

/// <summary>
/// The fewest training rows without whose votes the answer would have been the opposite. The scale of the features is kept as it was
/// learned: refitting without a row moves every distance a little, and with it answers that have nothing to do with the row. Where fewer than
/// k rows are left, the next ones come in, as in any search.
/// </summary>
/// <param name="Rows">How many; no smaller number turns the answer.</param>
/// <param name="Of">One choice of them, the nearest first.</param>
/// <param name="AnyOfTheirKind">Whether as many others of the same outcome among the neighbours would do as well.</param>
public sealed record SmallestRemoval(int Rows, IReadOnlyList<RemovedRows> Of, bool AnyOfTheirKind)
{
    /// <summary>Null when too few rows would be left for an answer.</summary>
    internal static SmallestRemoval? Find(Rings rings, KnnOptions options, int trainingRows, bool survived)
    {
        var nearest = rings.At(0)!;
        if (!Voters.DecidesAlone(nearest, options))
            return new RemovalSearch(rings, options, survived, 0).Smallest();

        // While a row is left at distance 0 nobody else has a vote.
        var here = new RemovalSearch(rings, options with { K = 1 }, survived, 0).OfFirstRing();
        if (here is not null && trainingRows - here.Rows >= options.K)
            return here;
        var all = nearest.Inputs.SelectMany(input => (RemovedRows[])[new(input, false, input.Died), new(input, true, input.Survived)]).Where(removed => removed.Rows > 0);
        return new RemovalSearch(rings, options, survived, 1).Smallest() is { } beyond
            ? new SmallestRemoval(nearest.Rows + beyond.Rows, [.. all, .. beyond.Of], false)
            : null;
    }
}

/// <param name="Survived">The outcome of the rows.</param>
/// <param name="Rows">How many of those that stand there.</param>
public sealed record RemovedRows(NeighborInput Input, bool Survived, int Rows);
