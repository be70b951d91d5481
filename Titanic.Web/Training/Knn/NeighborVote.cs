namespace Titanic.Web.Training.Knn;

internal static class NeighborVote
{
    /// <param name="voters">At least one row; each has one vote.</param>
    public static KnnAnswer Of(RowCounts voters)
    {
        var prediction = Prediction.FromCounts(voters.Positives, voters.Rows);
        return new KnnAnswer(prediction.Survived, prediction.Probability, voters.Positives, voters.Rows);
    }

    /// <summary>A vote weighs 1/distance.</summary>
    /// <param name="nearest">Voting rows by ascending distance, at least one group.</param>
    public static KnnAnswer ByDistance(ReadOnlySpan<NearestRows.Group> nearest)
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
        return new KnnAnswer(votesFor > votesAgainst, (share * voters.Rows + 1) / (voters.Rows + 2), voters.Positives, voters.Rows);
    }
}
