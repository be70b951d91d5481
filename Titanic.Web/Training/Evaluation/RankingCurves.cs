namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// What every threshold would give: whoever has at least this probability is answered "survived". Only meaningful for answers of one
/// fitted model, whose probabilities share a scale.
/// </summary>
/// <param name="Roc">From "nobody survives" (threshold above every probability) to "everybody does".</param>
/// <param name="PrecisionRecall">From the highest threshold that answers anybody to "everybody survives".</param>
public sealed record RankingCurves(IReadOnlyList<CurvePoint> Roc, IReadOnlyList<CurvePoint> PrecisionRecall)
{
    /// <summary>Every distinct probability is a threshold; null unless both outcomes are there.</summary>
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
    /// Without the points that a drawing does not need: on the ROC curve those on the straight line between their neighbours, on the
    /// precision-recall curve those inside a stretch of equal recall.
    /// </summary>
    public RankingCurves Corners() => new(
        Kept(Roc, (before, point, after) => Math.Abs(
            (point.X - before.X) * (after.Y - point.Y)
            - (after.X - point.X) * (point.Y - before.Y)) > 1e-12),
        Kept(PrecisionRecall, (before, point, after) => before.X != point.X || point.X != after.X));

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
    private static List<CurvePoint> Kept(IReadOnlyList<CurvePoint> points, Func<CurvePoint, CurvePoint, CurvePoint, bool> isCorner)
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

/// <summary>
/// Area under the ROC curve: the chance that a survivor gets a higher probability than a victim, ties counting one half
/// (Mann–Whitney), with the interval of DeLong, DeLong and Clarke-Pearson (1988), which assumes no distribution.
/// </summary>
internal static class RocArea
{
    /// <summary>Exact; null unless both outcomes are there.</summary>
    public static double? Of(IReadOnlyList<RankedRows> ranked)
    {
        var (survivorsAbove, victimsTotal, doubledWins) = (0L, 0L, 0L);
        foreach (var tied in ranked)
        {
            doubledWins += tied.Died * (2 * survivorsAbove + tied.Survived);
            survivorsAbove += tied.Survived;
            victimsTotal += tied.Died;
        }
        return survivorsAbove == 0 || victimsTotal == 0 ? null : doubledWins / (2.0 * survivorsAbove * victimsTotal);
    }

    /// <summary>
    /// 95 %; null with fewer than two rows of an outcome, and where the classes are wholly apart: no pair is in the wrong order then,
    /// and a spread of 0 would claim certainty.
    /// </summary>
    public static Interval? Confidence95(IReadOnlyList<RankedRows> ranked)
    {
        var (victims, survivors) = (ranked.Sum(tied => tied.Died), ranked.Sum(tied => tied.Survived));
        if (victims < 2 || survivors < 2 || Of(ranked) is not ({ } area and > 0 and < 1))
            return null;
        var (survivorsAbove, victimsAbove) = (0L, 0L);
        var (ofSurvivors, ofVictims) = (0.0, 0.0);
        foreach (var tied in ranked)
        {
            // Share of victims below these survivors, and of survivors above these victims; each has the mean "area".
            var placeOfSurvivors = (victims - victimsAbove - tied.Died / 2.0) / victims - area;
            var placeOfVictims = (survivorsAbove + tied.Survived / 2.0) / survivors - area;
            ofSurvivors += tied.Survived * placeOfSurvivors * placeOfSurvivors;
            ofVictims += tied.Died * placeOfVictims * placeOfVictims;
            survivorsAbove += tied.Survived;
            victimsAbove += tied.Died;
        }
        var variance = ofSurvivors / (survivors - 1) / survivors + ofVictims / (victims - 1) / victims;
        return Interval.Around(area, Proportion.Z * Math.Sqrt(variance)).Within(0, 1);
    }
}
