using MathNet.Numerics;
using Titanic.Web.Passengers;

namespace Titanic.Web.Monitoring.Drift;

/// <summary>
/// Sequential test of "the values of a feature are exchangeable with those of the training rows" with a guaranteed rate of false alarms: a
/// conformal e-detector. V. Vovk, "Testing randomness online", 2021, doi:10.1214/20-STS817.
/// </summary>
/// <remarks>
/// <para>A value's smoothed conformal p-value is (less + U equal)/n, where less and equal count the smaller and the equal values among the
/// n training rows and new rows so far, the new row included, and U is uniform. Without drift the p-values of a sequence are independent
/// and uniform, exactly, however few the training rows.</para>
/// <para>[0, 1] is cut into bins as wide as the shares of the categories in the training rows. A bet on the bins of the days since s has
/// the Dirichlet-multinomial e-value M(s) = Γ(a)/Γ(a + n) Π Γ(a q + c)/(Γ(a q) q^c), with n rows since s, of which c are in the bin of width q.
/// The detector's value is the sum of M(s) over all days s, whose expectation is at most the number of looks.</para>
/// <para>With F features of one detector each, a detector raises an alarm at T F/α: at most α of the horizons of T looks without drift
/// have an alarm of any feature. (The mean of the features at T/α has no such proof: each value is a martingale for the history of its own
/// feature only.)</para>
/// </remarks>
public sealed class InputDetector
{
    /// <summary>
    /// a: weight of the reference shares in the bet, as a number of rows. Small values learn faster which categories are more frequent,
    /// large values lose less while the differences are small.
    /// </summary>
    internal const double PriorRows = 8;

    /// <summary>Added to the training rows of each category, so that the bin of a category without training rows has a width.</summary>
    private const double AddedRows = 0.5;

    private readonly long[] _seen;
    private readonly Category[] _categories;
    private readonly List<int[]> _days;
    private double[] _logBets;

    /// <param name="reference">Training rows of each category, in the order of the values; at least one row.</param>
    /// <param name="seenSince">Rows of each category since the start of the detector; null at the start.</param>
    /// <param name="binsByDay">Rows of each bin by day since the start of the detector, oldest first; null at the start.</param>
    public InputDetector(IReadOnlyList<long> reference, IReadOnlyList<long>? seenSince = null, IReadOnlyList<int[]>? binsByDay = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(reference.Sum(), nameof(reference));
        _seen = [.. reference.Select((rows, category) => rows + (seenSince?[category] ?? 0))];
        var total = reference.Sum() + (AddedRows * reference.Count);
        _categories = new Category[reference.Count];
        for (var (category, edge) = (0, 0.0); category < reference.Count; category++)
        {
            var share = (reference[category] + AddedRows) / total;
            _categories[category] = new(edge += share, Math.Log(share), PriorRows * share, SpecialFunctions.GammaLn(PriorRows * share));
        }
        _days = [.. binsByDay ?? []];
        _logBets = ComputeLogBets();
    }

    /// <summary>The training rows and the new rows of each category.</summary>
    public IReadOnlyList<long> Seen => _seen;

    /// <summary>ln of the sum of the e-values over all days; -∞ without rows.</summary>
    public double LogValue => LogSum.Of(_logBets);

    /// <summary>
    /// Index of the day since which the bets won most, among the days with rows: an estimate of when the distribution changed; -1 without
    /// rows.
    /// </summary>
    public int LikeliestChange => _logBets.Length == 0 ? -1 : Array.IndexOf(_logBets, _logBets.Max());

    /// <summary>ln(T F/α): the value at which a detector raises an alarm.</summary>
    /// <param name="options">Horizon and α.</param>
    /// <param name="features">F: number of features that have a detector.</param>
    public static double LogThreshold(DriftOptions options, int features) => Math.Log(options.HorizonDays * features / options.FalseAlarmRate);

    /// <summary>Adds one look; a look without rows leaves the value as it is.</summary>
    /// <param name="categories">Categories of the new rows, 0..K-1, in the order of arrival.</param>
    /// <param name="random">Uniform numbers, one for each row.</param>
    /// <returns>Rows of each bin.</returns>
    public int[] Add(IReadOnlyList<int> categories, SeededRandom random)
    {
        var bins = new int[_seen.Length];
        foreach (var category in categories)
            bins[FindBin(PValue(category, random.NextDouble()))]++;
        if (categories.Count > 0)
            _days.Add(bins);
        _logBets = ComputeLogBets();
        return bins;
    }

    /// <summary>The smoothed conformal p-value of the next row, which is then one of the rows that are compared with.</summary>
    private double PValue(int category, double uniform)
    {
        _seen[category]++;
        long less = 0, total = 0;
        for (var i = 0; i < _seen.Length; i++)
        {
            less += i < category ? _seen[i] : 0;
            total += _seen[i];
        }
        return (less + (uniform * _seen[category])) / total;
    }

    private int FindBin(double p)
    {
        var bin = 0;
        while (bin < _categories.Length - 1 && p >= _categories[bin].UpperEdge)
            bin++;
        return bin;
    }

    /// <summary>ln M(s) of each day s; the counts since s are summed from the newest day backward.</summary>
    private double[] ComputeLogBets()
    {
        var counts = new long[_categories.Length];
        var logBets = new double[_days.Count];
        for (var start = _days.Count - 1; start >= 0; start--)
        {
            for (var bin = 0; bin < counts.Length; bin++)
                counts[bin] += _days[start][bin];
            logBets[start] = LogBet(counts);
        }
        return logBets;
    }

    /// <summary>ln of the Dirichlet-multinomial probability of the counts divided by their probability for uniform p-values.</summary>
    private double LogBet(ReadOnlySpan<long> counts)
    {
        var (sum, rows) = (0.0, 0L);
        for (var bin = 0; bin < counts.Length; bin++)
        {
            if (counts[bin] == 0)
                continue;
            var (_, logShare, weight, logGamma) = _categories[bin];
            sum += SpecialFunctions.GammaLn(weight + counts[bin]) - logGamma - (counts[bin] * logShare);
            rows += counts[bin];
        }
        return sum + SpecialFunctions.GammaLn(PriorRows) - SpecialFunctions.GammaLn(PriorRows + rows);
    }

    /// <param name="UpperEdge">Of the category's bin of p-values.</param>
    /// <param name="LogShare">ln of the width of the bin.</param>
    /// <param name="Weight">Rows of prior weight: <see cref="PriorRows"/> times the share.</param>
    private readonly record struct Category(double UpperEdge, double LogShare, double Weight, double LogGammaOfWeight);
}
