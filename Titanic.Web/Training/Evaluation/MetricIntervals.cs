namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// 95 % intervals of what is measured once on rows that the model has not seen; accuracy, precision and recall have theirs as
/// <see cref="Proportion"/>. An interval is null where its figure is, or where the rows cannot say.
/// </summary>
/// <param name="BalancedAccuracy">From the Wilson intervals of recall and specificity (MOVER: Zou and Donner, 2008).</param>
/// <param name="F1">F1 = 2J/(1+J), where J is the share of true positives among all rows that survived or were predicted to: Wilson's for J.</param>
/// <param name="RocAuc">DeLong's.</param>
/// <param name="AveragePrecision">Logit interval with n = survivors (Boyd, Eng and Page, 2013).</param>
/// <param name="LogLoss">Normal interval of the mean of the rows' losses; so are those of Brier and calibration error.</param>
/// <param name="CalibrationError">With each bin's side (too high or too low) taken as seen; the error itself is too high for few rows.</param>
public sealed record MetricIntervals(
    Interval? BalancedAccuracy, Interval? F1, Interval? RocAuc, Interval? AveragePrecision, Interval? LogLoss, Interval? Brier, Interval? CalibrationError)
{
    public static MetricIntervals Of(IReadOnlyCollection<ScoredRow> rows)
    {
        var confusion = ConfusionMatrix.Of(rows);
        var ranked = RankedRows.Of(rows);
        var sides = CalibrationBin.Of(rows).Select(bin => Math.Sign(bin.Gap ?? 0)).ToArray();
        return new MetricIntervals(
            OfBalancedAccuracy(confusion),
            OfF1(confusion),
            RocArea.Confidence95(ranked),
            OfAveragePrecision(RankingCurves.AveragePrecision(ranked), confusion.Recall.Trials),
            OfMean(rows, Metrics.LogLossOf),
            OfMean(rows, Metrics.SquaredError)?.Within(0, 1),
            OfMean(rows, row => sides[CalibrationBin.IndexOf(row.Probability)] * (row.Probability - (row.Actual ? 1 : 0)))?.Within(0, 1));
    }

    private static Interval? OfBalancedAccuracy(ConfusionMatrix confusion)
    {
        if (confusion.Recall is not { Value: { } recall, Confidence95: { } found } || confusion.Specificity is not { Value: { } specificity, Confidence95: { } spared })
            return null;
        var middle = (recall + specificity) / 2;
        return new Interval(
            middle - Math.Sqrt(Square(recall - found.Lower) + Square(specificity - spared.Lower)) / 2,
            middle + Math.Sqrt(Square(found.Upper - recall) + Square(spared.Upper - specificity)) / 2).Within(0, 1);
    }

    private static Interval? OfF1(ConfusionMatrix confusion) =>
        new Proportion(confusion.TruePositives, confusion.TruePositives + confusion.FalsePositives + confusion.FalseNegatives).Confidence95 is { } jaccard
            ? new Interval(2 * jaccard.Lower / (1 + jaccard.Lower), 2 * jaccard.Upper / (1 + jaccard.Upper))
            : null;

    private static Interval? OfAveragePrecision(double? averagePrecision, int survivors)
    {
        if (averagePrecision is not ({ } value and > 0 and < 1))
            return null;
        var (centre, half) = (Math.Log(value / (1 - value)), Proportion.Z / Math.Sqrt(survivors * value * (1 - value)));
        return new Interval(1 / (1 + Math.Exp(half - centre)), 1 / (1 + Math.Exp(-half - centre)));
    }

    private static Interval? OfMean(IReadOnlyCollection<ScoredRow> rows, Func<ScoredRow, double> loss)
    {
        var count = rows.Sum(row => (long)row.Rows);
        if (count < 2)
            return null;
        var mean = rows.Sum(row => row.Rows * loss(row)) / count;
        var variance = rows.Sum(row => row.Rows * Square(loss(row) - mean)) / (count - 1);
        return Interval.Around(mean, Proportion.Z * Math.Sqrt(variance / count)).Within(0, double.PositiveInfinity);
    }

    private static double Square(double value) => value * value;
}

public readonly record struct Interval(double Lower, double Upper)
{
    internal static Interval Around(double centre, double half) => new(centre - half, centre + half);

    /// <summary>Without what a figure cannot be: a share is not below 0 nor above 1.</summary>
    internal Interval Within(double least, double most) => new(Math.Clamp(Lower, least, most), Math.Clamp(Upper, least, most));
}

/// <summary><paramref name="Successes"/> of <paramref name="Trials"/>.</summary>
public sealed record Proportion(int Successes, int Trials)
{
    /// <summary>Two-sided 95 % quantile of the standard normal distribution.</summary>
    internal const double Z = 1.959963984540054;

    /// <summary>0..1, or null where nothing was tried.</summary>
    public double? Value => Trials == 0 ? null : (double)Successes / Trials;

    /// <summary>95 % score interval (Wilson, 1927), within 0..1 and good for few trials; null where nothing was tried.</summary>
    public Interval? Confidence95
    {
        get
        {
            if (Value is not { } share)
                return null;
            var spread = Z * Z / Trials;
            var centre = (share + spread / 2) / (1 + spread);
            var half = Z / (1 + spread) * Math.Sqrt(share * (1 - share) / Trials + spread / Trials / 4);
            return new Interval(Math.Max(0, centre - half), Math.Min(1, centre + half));
        }
    }
}
