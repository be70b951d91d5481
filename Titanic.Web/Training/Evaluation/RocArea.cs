namespace Titanic.Web.Training.Evaluation;

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
