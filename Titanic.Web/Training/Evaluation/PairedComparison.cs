using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Titanic.Web.Training.Evaluation;

/// <summary>Two models' predictions for identical rows, counted by which model is correct: the input of McNemar's test.</summary>
/// <param name="BothCorrect">Rows that both models predict correctly.</param>
/// <param name="OnlyFirstCorrect">Discordant rows that only the first model predicts correctly.</param>
/// <param name="OnlySecondCorrect">Discordant rows that only the second model predicts correctly.</param>
/// <param name="BothWrong">Rows that neither model predicts correctly.</param>
public sealed record PairedComparison(int BothCorrect, int OnlyFirstCorrect, int OnlySecondCorrect, int BothWrong)
{
    /// <inheritdoc cref="PairedRows.Of"/>
    public static PairedComparison Of(IReadOnlyList<ScoredRow> first, IReadOnlyList<ScoredRow> second)
    {
        var (bothRight, onlyFirst, onlySecond, bothWrong) = (0, 0, 0, 0);
        foreach (var (ofFirst, ofSecond, rows) in PairedRows.Of(first, second))
        {
            switch (ofFirst.Predicted == ofFirst.Actual, ofSecond.Predicted == ofSecond.Actual)
            {
                case (true, true): bothRight += rows; break;
                case (true, false): onlyFirst += rows; break;
                case (false, true): onlySecond += rows; break;
                case (false, false): bothWrong += rows; break;
            }
        }
        return new PairedComparison(bothRight, onlyFirst, onlySecond, bothWrong);
    }

    /// <summary>Number of rows n.</summary>
    public int Rows => BothCorrect + OnlyFirstCorrect + OnlySecondCorrect + BothWrong;

    /// <summary>Accuracy of the second model minus accuracy of the first, -1..1; null without rows.</summary>
    public double? AccuracyGain => Rows == 0 ? null : (OnlySecondCorrect - OnlyFirstCorrect) / (double)Rows;

    /// <summary>
    /// Score interval of <see cref="AccuracyGain"/>: T. Tango, "Equivalence test and confidence interval for the difference in proportions
    /// for the paired-sample design", 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8&lt;891::AID-SIM780&gt;3.0.CO;2-B.
    /// </summary>
    /// <remarks>
    /// Accurate for few and one-sided discordant rows, where the Wald interval has a width of nearly 0. Without discordant rows the ends
    /// are ±z²/(n+z²).
    /// </remarks>
    /// <param name="significanceLevel">1 - confidence level, between 0 and 1, split evenly between both sides; default 0.05.</param>
    /// <returns>Ends within -1..1; null without rows.</returns>
    public Interval? GainInterval(double significanceLevel = 0.05)
    {
        if (AccuracyGain is not { } gain)
            return null;
        var z = TwoSidedQuantile(significanceLevel);
        return new Interval(FindLimit(-1, gain, z), FindLimit(1, gain, -z));
    }

    /// <summary>
    /// Two-sided p-value of McNemar's exact test, 0..1: the probability that the discordant rows divide at least this unevenly if each is
    /// equally likely to favor either model, min(1, 2 P(X &lt;= fewer)) with X ~ Binomial(discordant, 1/2). 1 without discordant rows.
    /// Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages", 1947,
    /// doi:10.1007/BF02295996.
    /// </summary>
    public double McNemarPValue
    {
        get
        {
            var (discordant, fewer) = (OnlyFirstCorrect + OnlySecondCorrect, Math.Min(OnlyFirstCorrect, OnlySecondCorrect));
            // P(X <= fewer) for X ~ Binomial(discordant, 1/2) is this regularized beta function, whose relative accuracy holds for tiny
            // values.
            return discordant == 0 ? 1 : Math.Min(1, 2 * SpecialFunctions.BetaRegularized(discordant - fewer, fewer + 1, 0.5));
        }
    }

    /// <summary>The z with P(|Z| &gt; z) = <paramref name="significanceLevel"/> for a standard normal Z; 1.960 for 0.05.</summary>
    /// <param name="significanceLevel">Greater than 0 and less than 1.</param>
    internal static double TwoSidedQuantile(double significanceLevel) => Normal.InvCDF(0, 1, 1 - significanceLevel / 2);

    /// <summary>
    /// Finds the hypothetical gain whose score is <paramref name="score"/>, between an end of the range and the observed gain, by
    /// bisection. The score decreases as the gain increases.
    /// </summary>
    private double FindLimit(double outer, double inner, double score)
    {
        while (Math.Abs(outer - inner) > 1e-12)
        {
            var middle = (outer + inner) / 2;
            if (Math.Abs(Score(middle)) < Math.Abs(score))
                inner = middle;
            else
                outer = middle;
        }
        return inner;
    }

    /// <summary>
    /// Tango's score statistic: (observed - hypothetical gain) / standard error, with the maximum likelihood estimate of the discordant
    /// probability under the hypothesis.
    /// </summary>
    private double Score(double gain)
    {
        var b = (2.0 * Rows - OnlySecondCorrect + OnlyFirstCorrect) * gain - OnlySecondCorrect - OnlyFirstCorrect;
        var c = -OnlyFirstCorrect * gain * (1 - gain);
        var onlyFirst = (Math.Sqrt(Math.Max(0, b * b - 8.0 * Rows * c)) - b) / (4.0 * Rows);
        var variance = Rows * (2 * onlyFirst + gain * (1 - gain));
        var difference = OnlySecondCorrect - OnlyFirstCorrect - Rows * gain;
        return variance > 0 ? difference / Math.Sqrt(variance) : difference == 0 ? 0 : double.CopySign(double.PositiveInfinity, difference);
    }
}

/// <summary>Mean losses of two models on identical rows, and the mean of the paired differences.</summary>
/// <param name="First">Mean loss of the first model.</param>
/// <param name="Second">Mean loss of the second model.</param>
/// <param name="Difference">Second minus first; below 0 if the second model is better.</param>
/// <param name="Interval">Normal interval of the mean of the rows' differences, mean ± z s/√n; null for fewer than 2 rows.</param>
public sealed record PairedMean(double First, double Second, double Difference, Interval? Interval)
{
    /// <inheritdoc cref="PairedRows.Of"/>
    /// <param name="loss">Loss of one row, for example <see cref="Metrics.SquaredError"/>.</param>
    /// <param name="significanceLevel">1 - confidence level, between 0 and 1; default 0.05.</param>
    /// <returns>Null without rows.</returns>
    public static PairedMean? Of(
        IReadOnlyList<ScoredRow> first, IReadOnlyList<ScoredRow> second, Func<ScoredRow, double> loss, double significanceLevel = 0.05)
    {
        var (rows, ofFirst, ofSecond, squares) = (0L, 0.0, 0.0, 0.0);
        foreach (var pair in PairedRows.Of(first, second))
        {
            var (firstLoss, secondLoss) = (loss(pair.First), loss(pair.Second));
            rows += pair.Rows;
            ofFirst += pair.Rows * firstLoss;
            ofSecond += pair.Rows * secondLoss;
            squares += pair.Rows * (secondLoss - firstLoss) * (secondLoss - firstLoss);
        }
        if (rows == 0)
            return null;
        var difference = (ofSecond - ofFirst) / rows;
        return new PairedMean(ofFirst / rows, ofSecond / rows, difference, rows < 2 ? null : Around(difference, squares, rows, significanceLevel));
    }

    private static Interval Around(double difference, double squares, long rows, double significanceLevel)
    {
        var variance = Math.Max(0, squares - rows * difference * difference) / (rows - 1);
        return Evaluation.Interval.Around(difference, PairedComparison.TwoSidedQuantile(significanceLevel) * Math.Sqrt(variance / rows));
    }
}

/// <summary>The predictions of two models for <paramref name="Rows"/> equal rows.</summary>
internal readonly record struct PairedRows(ScoredRow First, ScoredRow Second, int Rows)
{
    /// <summary>Pairs two models' predictions row by row.</summary>
    /// <param name="first">Predictions of the first model; each entry represents consecutive equal rows.</param>
    /// <param name="second">
    /// Predictions of the second model for the same rows in the same order; entries may group the rows differently.
    /// </param>
    /// <exception cref="ArgumentException">The numbers of rows or their outcomes differ.</exception>
    public static IEnumerable<PairedRows> Of(IReadOnlyList<ScoredRow> first, IReadOnlyList<ScoredRow> second)
    {
        var (rowsOfFirst, rowsOfSecond) = (first.Sum(row => row.Rows), second.Sum(row => row.Rows));
        if (rowsOfFirst != rowsOfSecond)
            throw new ArgumentException($"The models predicted {rowsOfFirst} and {rowsOfSecond} rows; both must predict the same rows.");
        var (i, j, usedOfFirst, usedOfSecond) = (0, 0, 0, 0);
        while (i < first.Count && j < second.Count)
        {
            var rows = Math.Min(first[i].Rows - usedOfFirst, second[j].Rows - usedOfSecond);
            if (rows > 0)
            {
                if (first[i].Actual != second[j].Actual)
                    throw new ArgumentException($"Entry {i} of the first and entry {j} of the second model have different outcomes; both must predict the same rows.");
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
