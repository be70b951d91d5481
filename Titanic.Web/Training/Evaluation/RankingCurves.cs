namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// What every threshold would give: whoever has at least this probability is answered "survived". Only meaningful for answers of one
/// fitted model, whose probabilities share a scale.
/// </summary>
/// <param name="Roc">From "nobody survives" (threshold above every probability) to "everybody does".</param>
/// <param name="PrecisionRecall">From the highest threshold that answers anybody to "everybody survives".</param>
public sealed record RankingCurves(IReadOnlyList<RocPoint> Roc, IReadOnlyList<PrecisionRecallPoint> PrecisionRecall)
{
    /// <summary>Every distinct probability is a threshold; null unless both outcomes are there.</summary>
    public static RankingCurves? Of(IReadOnlyCollection<ScoredRow> rows)
    {
        var ranked = RankedRows.Of(rows);
        var (victims, survivors) = (ranked.Sum(tied => tied.Died), ranked.Sum(tied => tied.Survived));
        if (victims == 0 || survivors == 0)
            return null;
        var (falsePositives, truePositives) = (0L, 0L);
        List<RocPoint> roc = [new(0, 0, null)];
        List<PrecisionRecallPoint> precisionRecall = [];
        foreach (var tied in ranked)
        {
            falsePositives += tied.Died;
            truePositives += tied.Survived;
            roc.Add(new RocPoint((double)falsePositives / victims, (double)truePositives / survivors, tied.Probability));
            precisionRecall.Add(new PrecisionRecallPoint(
                (double)truePositives / survivors, (double)truePositives / (truePositives + falsePositives), tied.Probability));
        }
        return new RankingCurves(roc, precisionRecall);
    }

    /// <summary>
    /// Without the points that a drawing does not need: on the ROC curve those on the straight line between their neighbours, on the
    /// precision-recall curve those inside a stretch of equal recall.
    /// </summary>
    public RankingCurves Corners() => new(
        Kept(Roc, (before, point, after) => Math.Abs(
            (point.FalsePositiveRate - before.FalsePositiveRate) * (after.TruePositiveRate - point.TruePositiveRate)
            - (after.FalsePositiveRate - point.FalsePositiveRate) * (point.TruePositiveRate - before.TruePositiveRate)) > 1e-12),
        Kept(PrecisionRecall, (before, point, after) => before.Recall != point.Recall || point.Recall != after.Recall));

    /// <summary>
    /// Mean of the precision over the recall that each threshold adds: the area under the precision-recall curve without interpolation.
    /// Null without survivors.
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

    /// <param name="isCorner">Of the point kept before, a point and the one after it.</param>
    private static List<T> Kept<T>(IReadOnlyList<T> points, Func<T, T, T, bool> isCorner)
    {
        List<T> kept = [points[0]];
        for (var index = 1; index < points.Count; index++)
        {
            if (index == points.Count - 1 || isCorner(kept[^1], points[index], points[index + 1]))
                kept.Add(points[index]);
        }
        return kept;
    }
}

/// <param name="FalsePositiveRate">Share of the victims that are answered "survived".</param>
/// <param name="TruePositiveRate">Share of the survivors that are answered "survived".</param>
/// <param name="Threshold">Lowest probability that is answered so; null where nobody is.</param>
public readonly record struct RocPoint(double FalsePositiveRate, double TruePositiveRate, double? Threshold);

/// <param name="Recall">Share of the survivors that are answered "survived".</param>
/// <param name="Precision">Share of survivors among those answered so.</param>
public readonly record struct PrecisionRecallPoint(double Recall, double Precision, double Threshold);
