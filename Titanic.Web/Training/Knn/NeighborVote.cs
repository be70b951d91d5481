namespace Titanic.Web.Training.Knn;

internal static class NeighborVote
{
    /// <param name="nearest">Voting rows by ascending distance, at least one group.</param>
    public static KnnAnswer Of(ReadOnlySpan<NearestRows.Group> nearest, NeighborWeights weights)
    {
        // At distance 0 a weight of 1/distance is infinite: the rows that stand there outvote all others.
        if (weights == NeighborWeights.Distance && nearest[0].Distance == 0)
            nearest = nearest[..1];

        var (negatives, positives) = (0, 0);
        foreach (var group in nearest)
        {
            negatives += group.Negatives;
            positives += group.Positives;
        }
        var neighbors = negatives + positives;
        if (weights == NeighborWeights.Uniform || nearest.Length == 1)
        {
            var prediction = Prediction.FromCounts(positives, neighbors);
            return new KnnAnswer(prediction.Survived, prediction.Probability, positives, neighbors);
        }

        var (votesAgainst, votesFor) = (0.0, 0.0);
        foreach (var group in nearest)
        {
            // nearest/distance instead of 1/distance: the same shares, and nothing overflows however small the distances are.
            var weight = group.Distance == nearest[0].Distance ? 1 : nearest[0].Distance / group.Distance;
            votesAgainst += weight * group.Negatives;
            votesFor += weight * group.Positives;
        }
        var share = votesFor / (votesFor + votesAgainst);
        return new KnnAnswer(votesFor > votesAgainst, (share * neighbors + 1) / (neighbors + 2), positives, neighbors);
    }
}
