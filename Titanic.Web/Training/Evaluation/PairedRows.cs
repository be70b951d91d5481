namespace Titanic.Web.Training.Evaluation;

/// <summary><paramref name="Rows"/> equal rows with the answers that two models gave to them.</summary>
internal readonly record struct PairedRows(ScoredRow First, ScoredRow Second, int Rows)
{
    /// <param name="first">Answers of the one model, entries standing for consecutive equal rows.</param>
    /// <param name="second">Answers of the other for the same rows in the same order; its entries may be cut differently.</param>
    /// <exception cref="ArgumentException">The two are not about the same rows.</exception>
    public static IEnumerable<PairedRows> Of(IReadOnlyList<ScoredRow> first, IReadOnlyList<ScoredRow> second)
    {
        var (rowsOfFirst, rowsOfSecond) = (first.Sum(row => row.Rows), second.Sum(row => row.Rows));
        if (rowsOfFirst != rowsOfSecond)
            throw new ArgumentException($"The models answered {rowsOfFirst} and {rowsOfSecond} rows; it must be the same rows.");
        var (i, j, usedOfFirst, usedOfSecond) = (0, 0, 0, 0);
        while (i < first.Count && j < second.Count)
        {
            var rows = Math.Min(first[i].Rows - usedOfFirst, second[j].Rows - usedOfSecond);
            if (rows > 0)
            {
                if (first[i].Actual != second[j].Actual)
                    throw new ArgumentException($"Entries {i} and {j} have different outcomes; the models must have answered the same rows.");
                yield return new PairedRows(first[i], second[j], rows);
            }
            (usedOfFirst, usedOfSecond) = (usedOfFirst + rows, usedOfSecond + rows);
            if (usedOfFirst == first[i].Rows)
                (i, usedOfFirst) = (i + 1, 0);
            if (usedOfSecond == second[j].Rows)
                (j, usedOfSecond) = (j + 1, 0);
        }
    }
}
