namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// 95% confidence intervals of metrics that are computed once on rows that the model was not fitted on. Accuracy, precision and recall have
/// their intervals as <see cref="Proportion"/>. An interval is null if its metric is undefined or if the rows do not determine it.
/// </summary>
/// <remarks>
/// Rows are assumed to be independent. Normal intervals are mean ± 1.96 s/√n, where s is the standard deviation (n-1) of the rows' losses.
/// </remarks>
/// <param name="BalancedAccuracy">
/// MOVER interval from the Wilson intervals of recall and specificity: G. Y. Zou and A. Donner, "Construction of confidence limits about
/// effect measures: a general approach", 2008, doi:10.1002/sim.3095.
/// </param>
/// <param name="F1">
/// F1 = 2J/(1+J), where J = TP/(TP+FP+FN) is a proportion (Jaccard index); the ends of J's Wilson interval are transformed.
/// </param>
/// <param name="RocAuc">DeLong interval; see <see cref="RocArea"/>.</param>
/// <param name="AveragePrecision">
/// Logit interval with n = number of survivors: K. Boyd, K. H. Eng and C. D. Page, "Area under the precision-recall curve: point estimates
/// and confidence intervals", 2013, doi:10.1007/978-3-642-40994-3_29. Null for values of 0 and 1.
/// </param>
/// <param name="LogLoss">Normal interval of the mean loss, at least 0; null for fewer than 2 rows.</param>
/// <param name="Brier">Normal interval of the mean squared error, within 0..1; null for fewer than 2 rows.</param>
/// <param name="CalibrationError">
/// Normal interval that treats the sign of each bin's gap as fixed, within 0..1; null for fewer than 2 rows. The error itself is biased
/// upward for few rows.
/// </param>
public sealed record MetricIntervals(
    Interval? BalancedAccuracy, Interval? F1, Interval? RocAuc, Interval? AveragePrecision, Interval? LogLoss, Interval? Brier, Interval? CalibrationError)
{
    /// <summary>Computes all intervals of one set of predictions with outcomes.</summary>
    public static MetricIntervals Of(IReadOnlyCollection<ScoredRow> rows)
    {
        var confusion = ConfusionMatrix.Of(rows);
        var ranked = RankedRows.Of(rows);
        var signs = CalibrationBin.Of(rows).Select(bin => Math.Sign(bin.Gap ?? 0)).ToArray();
        return new MetricIntervals(
            OfBalancedAccuracy(confusion),
            OfF1(confusion),
            RocArea.Confidence95(ranked),
            OfAveragePrecision(RankingCurves.AveragePrecision(ranked), confusion.Recall.Trials),
            OfMean(rows, Metrics.LogLossOf),
            OfMean(rows, Metrics.SquaredError)?.Clamp(0, 1),
            OfMean(rows, row => signs[CalibrationBin.FindIndex(row.Probability)] * (row.Probability - (row.Actual ? 1 : 0)))?.Clamp(0, 1));
    }

    private static Interval? OfBalancedAccuracy(ConfusionMatrix confusion)
    {
        if (confusion.Recall is not { Value: { } recall, Confidence95: { } recallInterval } || confusion.Specificity is not { Value: { } specificity, Confidence95: { } specificityInterval })
            return null;
        var center = (recall + specificity) / 2;
        return new Interval(
            center - Math.Sqrt(Square(recall - recallInterval.Lower) + Square(specificity - specificityInterval.Lower)) / 2,
            center + Math.Sqrt(Square(recallInterval.Upper - recall) + Square(specificityInterval.Upper - specificity)) / 2).Clamp(0, 1);
    }

    private static Interval? OfF1(ConfusionMatrix confusion) =>
        new Proportion(confusion.TruePositives, confusion.TruePositives + confusion.FalsePositives + confusion.FalseNegatives).Confidence95 is { } jaccard
            ? new Interval(2 * jaccard.Lower / (1 + jaccard.Lower), 2 * jaccard.Upper / (1 + jaccard.Upper))
            : null;

    private static Interval? OfAveragePrecision(double? averagePrecision, int survivors)
    {
        if (averagePrecision is not ({ } value and > 0 and < 1))
            return null;
        var (center, halfWidth) = (Math.Log(value / (1 - value)), Proportion.Z / Math.Sqrt(survivors * value * (1 - value)));
        return new Interval(1 / (1 + Math.Exp(halfWidth - center)), 1 / (1 + Math.Exp(-halfWidth - center)));
    }

    private static Interval? OfMean(IReadOnlyCollection<ScoredRow> rows, Func<ScoredRow, double> loss)
    {
        var count = rows.Sum(row => (long)row.Rows);
        if (count < 2)
            return null;
        var mean = rows.Sum(row => row.Rows * loss(row)) / count;
        var variance = rows.Sum(row => row.Rows * Square(loss(row) - mean)) / (count - 1);
        return Interval.Around(mean, Proportion.Z * Math.Sqrt(variance / count)).Clamp(0, double.PositiveInfinity);
    }

    private static double Square(double value) => value * value;
}

/// <summary>A confidence interval.</summary>
/// <param name="Lower">Lower end, inclusive.</param>
/// <param name="Upper">Upper end, inclusive.</param>
public readonly record struct Interval(double Lower, double Upper)
{
    internal static Interval Around(double center, double halfWidth) => new(center - halfWidth, center + halfWidth);

    /// <summary>Limits both ends to the range of the metric, for example 0..1 for a proportion.</summary>
    internal Interval Clamp(double minimum, double maximum) => new(Math.Clamp(Lower, minimum, maximum), Math.Clamp(Upper, minimum, maximum));
}

/// <summary>A binomial proportion: <paramref name="Successes"/> of <paramref name="Trials"/>.</summary>
/// <param name="Successes">0..<paramref name="Trials"/>.</param>
/// <param name="Trials">At least 0.</param>
public sealed record Proportion(int Successes, int Trials)
{
    /// <summary>Two-sided 95% quantile of the standard normal distribution.</summary>
    internal const double Z = 1.959963984540054;

    /// <summary>Successes / trials, 0..1; null without trials.</summary>
    public double? Value => Trials == 0 ? null : (double)Successes / Trials;

    /// <summary>
    /// 95% score interval, within 0..1 and accurate for few trials: E. B. Wilson, "Probable inference, the law of succession, and
    /// statistical inference", 1927, doi:10.1080/01621459.1927.10502953. Null without trials.
    /// </summary>
    public Interval? Confidence95
    {
        get
        {
            if (Value is not { } proportion)
                return null;
            var spread = Z * Z / Trials;
            var center = (proportion + spread / 2) / (1 + spread);
            var halfWidth = Z / (1 + spread) * Math.Sqrt(proportion * (1 - proportion) / Trials + spread / Trials / 4);
            return new Interval(Math.Max(0, center - halfWidth), Math.Min(1, center + halfWidth));
        }
    }
}
