using MathNet.Numerics.Distributions;

namespace Titanic.Web.Monitoring.Drift;

/// <summary>Outcomes that became known after the same number of days.</summary>
public sealed record DelayedOutcomes(int Days, int Died, int Survived);

/// <summary>
/// Whether the delay of outcomes depends on the outcome. If it does, the outcomes that arrive first do not represent all passengers, and the
/// accuracy alarm and the live accuracy of the newest days are biased.
/// </summary>
/// <param name="MedianDaysDied">Median delay of passengers who died (the upper of two middle values).</param>
/// <param name="MedianDaysSurvived">Median delay of passengers who survived.</param>
/// <param name="PValue">
/// Two-sided p-value of the Mann-Whitney U test, normal approximation with the correction for ties and without continuity correction, as
/// <c>scipy.stats.mannwhitneyu(method="asymptotic", use_continuity=False)</c>; 1 if all delays are equal. H. B. Mann and D. R. Whitney, "On a
/// test of whether one of two random variables is stochastically larger than the other", 1947, doi:10.1214/aoms/1177730491.
/// </param>
public sealed record OutcomeDelays(int MedianDaysDied, int MedianDaysSurvived, double PValue)
{
    /// <summary>Compares the delays of both outcomes.</summary>
    /// <returns>Null unless both outcomes have a row.</returns>
    public static OutcomeDelays? Of(IEnumerable<DelayedOutcomes> outcomes)
    {
        DelayedOutcomes[] delays =
        [
            .. outcomes.GroupBy(delay => delay.Days).OrderBy(equal => equal.Key)
                .Select(equal => new DelayedOutcomes(equal.Key, equal.Sum(delay => delay.Died), equal.Sum(delay => delay.Survived))),
        ];
        double died = delays.Sum(delay => delay.Died), survived = delays.Sum(delay => delay.Survived), rows = died + survived;
        if (died == 0 || survived == 0)
            return null;
        double rankSum = 0, ties = 0, before = 0;
        foreach (var delay in delays)
        {
            double equal = delay.Died + delay.Survived;
            rankSum += delay.Died * (before + ((equal + 1) / 2));
            ties += (equal * equal * equal) - equal;
            before += equal;
        }
        var deviation = Math.Sqrt(died * survived / 12 * (rows + 1 - (ties / (rows * (rows - 1)))));
        var z = deviation == 0 ? 0 : (rankSum - (died * (died + 1) / 2) - (died * survived / 2)) / deviation;
        return new(Median(delays, delay => delay.Died), Median(delays, delay => delay.Survived), 2 * Normal.CDF(0, 1, -Math.Abs(z)));
    }

    private static int Median(DelayedOutcomes[] delays, Func<DelayedOutcomes, int> count)
    {
        var remaining = delays.Sum(count) / 2;
        foreach (var delay in delays)
        {
            remaining -= count(delay);
            if (remaining < 0)
                return delay.Days;
        }
        return delays[^1].Days;
    }
}
