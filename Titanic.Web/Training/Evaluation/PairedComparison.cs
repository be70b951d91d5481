using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Titanic.Web.Training.Evaluation;

/// <summary>Two models' answers for identical rows, by who was right: what the exact McNemar test needs.</summary>
public sealed record PairedComparison(int BothRight, int OnlyFirstRight, int OnlySecondRight, int BothWrong)
{
    /// <inheritdoc cref="PairedRows.Of"/>
    public static PairedComparison Of(IReadOnlyList<ScoredRow> first, IReadOnlyList<ScoredRow> second)
    {
        var (bothRight, onlyFirst, onlySecond, bothWrong) = (0, 0, 0, 0);
        foreach (var (one, other, rows) in PairedRows.Of(first, second))
        {
            switch (one.Predicted == one.Actual, other.Predicted == other.Actual)
            {
                case (true, true): bothRight += rows; break;
                case (true, false): onlyFirst += rows; break;
                case (false, true): onlySecond += rows; break;
                case (false, false): bothWrong += rows; break;
            }
        }
        return new PairedComparison(bothRight, onlyFirst, onlySecond, bothWrong);
    }

    public int Rows => BothRight + OnlyFirstRight + OnlySecondRight + BothWrong;

    /// <summary>Accuracy of the second model minus that of the first; null without rows.</summary>
    public double? AccuracyGain => Rows == 0 ? null : (OnlySecondRight - OnlyFirstRight) / (double)Rows;

    /// <summary>
    /// Score interval of <see cref="AccuracyGain"/> (Tango, 1998), good for few and one-sided discordant rows, where the usual one
    /// shrinks to nothing; without any, its ends are ±z²/(n+z²). Null without rows.
    /// </summary>
    /// <param name="significanceLevel">How often the interval misses the truth, 0..1; half of it on each side.</param>
    public Interval? GainInterval(double significanceLevel = 0.05)
    {
        if (AccuracyGain is not { } gain)
            return null;
        var z = TwoSidedQuantile(significanceLevel);
        return new Interval(Limit(-1, gain, z), Limit(1, gain, -z));
    }

    /// <summary>
    /// Two-sided p-value of McNemar's exact test: how likely the rows on which one model alone is right divide at least this
    /// unevenly if each is a fair coin. 1 if there are none.
    /// </summary>
    public double McNemarPValue
    {
        get
        {
            var (discordant, fewer) = (OnlyFirstRight + OnlySecondRight, Math.Min(OnlyFirstRight, OnlySecondRight));
            // P(X <= fewer) for X ~ Binomial(discordant, 1/2) is this beta integral, which keeps its relative accuracy however small it is.
            return discordant == 0 ? 1 : Math.Min(1, 2 * SpecialFunctions.BetaRegularized(discordant - fewer, fewer + 1, 0.5));
        }
    }

    /// <summary>z with P(|Z| &gt; z) = <paramref name="significanceLevel"/> for a standard normal Z: 1.960 for 0.05.</summary>
    /// <param name="significanceLevel">More than 0 and less than 1.</param>
    internal static double TwoSidedQuantile(double significanceLevel) => Normal.InvCDF(0, 1, 1 - significanceLevel / 2);

    /// <summary>The true gain at which the score is <paramref name="score"/>, between an end and what was seen. The score falls with the gain; by halving.</summary>
    private double Limit(double outer, double inner, double score)
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

    /// <summary>How many standard errors the seen gain is above a supposed one, with the discordant share most likely for that.</summary>
    private double Score(double gain)
    {
        var b = (2.0 * Rows - OnlySecondRight + OnlyFirstRight) * gain - OnlySecondRight - OnlyFirstRight;
        var c = -OnlyFirstRight * gain * (1 - gain);
        var onlyFirst = (Math.Sqrt(Math.Max(0, b * b - 8.0 * Rows * c)) - b) / (4.0 * Rows);
        var variance = Rows * (2 * onlyFirst + gain * (1 - gain));
        var above = OnlySecondRight - OnlyFirstRight - Rows * gain;
        return variance > 0 ? above / Math.Sqrt(variance) : above == 0 ? 0 : double.CopySign(double.PositiveInfinity, above);
    }
}

/// <summary>By how much the second of two models loses more than the first, on average over identical rows.</summary>
/// <param name="First">The first model's mean loss.</param>
/// <param name="Difference">The second's minus the first's: below 0 the second is better.</param>
/// <param name="Interval">Normal interval of the mean of the rows' differences; null for fewer than two rows.</param>
public sealed record PairedMean(double First, double Second, double Difference, Interval? Interval)
{
    /// <inheritdoc cref="PairedRows.Of"/>
    /// <param name="loss">Such as <see cref="Metrics.SquaredError"/>.</param>
    /// <param name="significanceLevel">How often the interval misses the truth, 0..1.</param>
    /// <returns>Null without rows.</returns>
    public static PairedMean? Of(
        IReadOnlyList<ScoredRow> first, IReadOnlyList<ScoredRow> second, Func<ScoredRow, double> loss, double significanceLevel = 0.05)
    {
        var (rows, ofFirst, ofSecond, squares) = (0L, 0.0, 0.0, 0.0);
        foreach (var pair in PairedRows.Of(first, second))
        {
            var (one, other) = (loss(pair.First), loss(pair.Second));
            rows += pair.Rows;
            ofFirst += pair.Rows * one;
            ofSecond += pair.Rows * other;
            squares += pair.Rows * (other - one) * (other - one);
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
