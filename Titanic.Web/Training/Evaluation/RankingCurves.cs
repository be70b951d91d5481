namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// ROC and precision-recall curve over all thresholds: rows with at least the threshold's probability are predicted "survived". Meaningful
/// only for predictions of one fitted model, because the probabilities of different fits are not on one scale.
/// </summary>
/// <param name="Roc">From (0, 0), above every probability, to (1, 1); x is the false, y the true positive rate.</param>
/// <param name="PrecisionRecall">
/// From the highest probability to recall 1; x is the recall, y the precision. Without scikit-learn's additional point (0, 1).
/// </param>
public sealed record RankingCurves(IReadOnlyList<CurvePoint> Roc, IReadOnlyList<CurvePoint> PrecisionRecall)
{
    /// <summary>Computes both curves. Every distinct probability is a threshold.</summary>
    /// <returns>Null unless both outcomes occur.</returns>
    public static RankingCurves? Of(IReadOnlyCollection<ScoredRow> rows)
    {
        var ranked = RankedRows.Of(rows);
        var (victims, survivors) = (ranked.Sum(tied => tied.Died), ranked.Sum(tied => tied.Survived));
        if (victims == 0 || survivors == 0)
            return null;
        var (falsePositives, truePositives) = (0L, 0L);
        List<CurvePoint> roc = [new(0, 0, null)];
        List<CurvePoint> precisionRecall = [];
        foreach (var tied in ranked)
        {
            falsePositives += tied.Died;
            truePositives += tied.Survived;
            roc.Add(new CurvePoint((double)falsePositives / victims, (double)truePositives / survivors, tied.Probability));
            precisionRecall.Add(new CurvePoint(
                (double)truePositives / survivors, (double)truePositives / (truePositives + falsePositives), tied.Probability));
        }
        return new RankingCurves(roc, precisionRecall);
    }

    /// <summary>
    /// Removes points that do not change the drawn curves: on the ROC curve points on the straight line between their neighbors, on the
    /// precision-recall curve points within a segment of equal recall.
    /// </summary>
    public RankingCurves Simplify() => new(
        KeepCorners(Roc, (before, point, after) => Math.Abs(
            (point.X - before.X) * (after.Y - point.Y)
            - (after.X - point.X) * (point.Y - before.Y)) > 1e-12),
        KeepCorners(PrecisionRecall, (before, point, after) => before.X != point.X || point.X != after.X));

    /// <summary>
    /// Average precision, 0..1: area under the precision-recall curve without interpolation. Null without rows that survived.
    /// </summary>
    internal static double? AveragePrecision(IReadOnlyList<RankedRows> ranked)
    {
        var (falsePositives, truePositives, sum) = (0L, 0L, 0.0);
        foreach (var tied in ranked)
        {
            falsePositives += tied.Died;
            truePositives += tied.Survived;
            sum += (double)tied.Survived * truePositives / (truePositives + falsePositives);
        }
        return truePositives == 0 ? null : sum / truePositives;
    }

    /// <summary>Keeps the first point, the last point, and all corners.</summary>
    /// <param name="points">At least one point.</param>
    /// <param name="isCorner">Receives the previously kept point, the point, and the next point.</param>
    private static List<CurvePoint> KeepCorners(IReadOnlyList<CurvePoint> points, Func<CurvePoint, CurvePoint, CurvePoint, bool> isCorner)
    {
        List<CurvePoint> kept = [points[0]];
        for (var index = 1; index < points.Count; index++)
        {
            if (index == points.Count - 1 || isCorner(kept[^1], points[index], points[index + 1]))
                kept.Add(points[index]);
        }
        return kept;
    }
}

/// <summary>Number of rows by outcome with one predicted probability.</summary>
internal readonly record struct RankedRows(double Probability, long Died, long Survived)
{
    /// <summary>Groups rows by predicted probability, in descending order.</summary>
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

/// <summary>
/// Area under the ROC curve: the probability that a row that survived has a higher predicted probability than a row that died, with ties
/// counted one half (Mann-Whitney statistic), and its nonparametric interval. E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson,
/// "Comparing the areas under two or more correlated receiver operating characteristic curves: a nonparametric approach", 1988,
/// doi:10.2307/2531595.
/// </summary>
internal static class RocArea
{
    /// <summary>The area, 0..1; null unless both outcomes occur.</summary>
    public static double? Of(IReadOnlyList<RankedRows> ranked)
    {
        var (survivorsAbove, victimsTotal, doubledStatistic) = (0L, 0L, 0L);
        foreach (var tied in ranked)
        {
            doubledStatistic += tied.Died * (2 * survivorsAbove + tied.Survived);
            survivorsAbove += tied.Survived;
            victimsTotal += tied.Died;
        }
        return survivorsAbove == 0 || victimsTotal == 0 ? null : doubledStatistic / (2.0 * survivorsAbove * victimsTotal);
    }

    /// <summary>
    /// DeLong's 95% interval, within 0..1. Null if an outcome has fewer than 2 rows, and if the area is 0 or 1: the estimated variance is 0
    /// then and would suggest certainty.
    /// </summary>
    public static Interval? Confidence95(IReadOnlyList<RankedRows> ranked)
    {
        var (victims, survivors) = (ranked.Sum(tied => tied.Died), ranked.Sum(tied => tied.Survived));
        if (victims < 2 || survivors < 2 || Of(ranked) is not ({ } area and > 0 and < 1))
            return null;
        var (survivorsAbove, victimsAbove) = (0L, 0L);
        var (survivorSquares, victimSquares) = (0.0, 0.0);
        foreach (var tied in ranked)
        {
            // DeLong's structural components: share of victims below these survivors, and of survivors above these victims; both have mean
            // "area".
            var survivorComponent = (victims - victimsAbove - tied.Died / 2.0) / victims - area;
            var victimComponent = (survivorsAbove + tied.Survived / 2.0) / survivors - area;
            survivorSquares += tied.Survived * survivorComponent * survivorComponent;
            victimSquares += tied.Died * victimComponent * victimComponent;
            survivorsAbove += tied.Survived;
            victimsAbove += tied.Died;
        }
        var variance = survivorSquares / (survivors - 1) / survivors + victimSquares / (victims - 1) / victims;
        return Interval.Around(area, Proportion.Z * Math.Sqrt(variance)).Clamp(0, 1);
    }
}
