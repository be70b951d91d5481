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
        var z = NormalDistribution.TwoSidedQuantile(significanceLevel);
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
            return Math.Min(1, 2 * Binomial.LowerTailOfFairCoin(fewer, discordant));
        }
    }

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
