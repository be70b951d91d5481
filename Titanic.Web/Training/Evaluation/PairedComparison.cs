namespace Titanic.Web.Training.Evaluation;

/// <summary>Two models' answers for identical rows, by who was right: what the exact McNemar test needs.</summary>
public sealed record PairedComparison(int BothRight, int OnlyFirstRight, int OnlySecondRight, int BothWrong)
{
    /// <param name="first">Answers of the one model, entries standing for consecutive equal rows.</param>
    /// <param name="second">Answers of the other for the same rows in the same order; its entries may be cut differently.</param>
    /// <exception cref="ArgumentException">The two are not about the same rows.</exception>
    public static PairedComparison Of(IReadOnlyList<ScoredRow> first, IReadOnlyList<ScoredRow> second)
    {
        var (rowsOfFirst, rowsOfSecond) = (first.Sum(row => row.Rows), second.Sum(row => row.Rows));
        if (rowsOfFirst != rowsOfSecond)
            throw new ArgumentException($"The models answered {rowsOfFirst} and {rowsOfSecond} rows; it must be the same rows.");
        var (bothRight, onlyFirst, onlySecond, bothWrong) = (0, 0, 0, 0);
        var (i, j, usedOfFirst, usedOfSecond) = (0, 0, 0, 0);
        while (i < first.Count && j < second.Count)
        {
            var rows = Math.Min(first[i].Rows - usedOfFirst, second[j].Rows - usedOfSecond);
            if (rows > 0 && first[i].Actual != second[j].Actual)
                throw new ArgumentException($"Entries {i} and {j} have different outcomes; the models must have answered the same rows.");
            switch (first[i].Predicted == first[i].Actual, second[j].Predicted == second[j].Actual)
            {
                case (true, true): bothRight += rows; break;
                case (true, false): onlyFirst += rows; break;
                case (false, true): onlySecond += rows; break;
                case (false, false): bothWrong += rows; break;
            }
            (usedOfFirst, usedOfSecond) = (usedOfFirst + rows, usedOfSecond + rows);
            if (usedOfFirst == first[i].Rows)
                (i, usedOfFirst) = (i + 1, 0);
            if (usedOfSecond == second[j].Rows)
                (j, usedOfSecond) = (j + 1, 0);
        }
        return new PairedComparison(bothRight, onlyFirst, onlySecond, bothWrong);
    }

    public int Rows => BothRight + OnlyFirstRight + OnlySecondRight + BothWrong;

    /// <summary>Accuracy of the second model minus that of the first; null without rows.</summary>
    public double? AccuracyGain => Rows == 0 ? null : (OnlySecondRight - OnlyFirstRight) / (double)Rows;

    /// <summary>
    /// Two-sided p-value of McNemar's exact test: how likely the rows on which one model alone is right divide at least this
    /// unevenly if each is a fair coin. 1 if there are none.
    /// </summary>
    public double McNemarPValue
    {
        get
        {
            var (discordant, fewer) = (OnlyFirstRight + OnlySecondRight, Math.Min(OnlyFirstRight, OnlySecondRight));
            return Math.Min(1, 2 * Binomial.LowerTailOfFairCoin(fewer, discordant));
        }
    }
}
