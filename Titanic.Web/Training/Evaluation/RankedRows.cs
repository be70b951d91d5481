namespace Titanic.Web.Training.Evaluation;

/// <summary>Rows with one probability of survival.</summary>
internal readonly record struct RankedRows(double Probability, long Died, long Survived)
{
    /// <summary>All rows by descending probability, ties together.</summary>
    public static IReadOnlyList<RankedRows> Of(IEnumerable<ScoredRow> rows)
    {
        var ranked = new List<RankedRows>();
        foreach (var row in rows.Where(row => row.Rows > 0).OrderByDescending(row => row.Probability))
        {
            var (died, survived) = row.Actual ? (0, row.Rows) : (row.Rows, 0);
            if (ranked.Count > 0 && ranked[^1].Probability == row.Probability)
                ranked[^1] = new RankedRows(row.Probability, ranked[^1].Died + died, ranked[^1].Survived + survived);
            else
                ranked.Add(new RankedRows(row.Probability, died, survived));
        }
        return ranked;
    }
}
