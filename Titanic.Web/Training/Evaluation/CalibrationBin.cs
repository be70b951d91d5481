using System.Text.Json.Serialization;

namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// One of 10 equal-width bins of a reliability diagram: mean predicted probability and observed survival rate of its rows.
/// </summary>
/// <param name="Over">Lower edge, 0..0.9; exclusive, except in the first bin.</param>
/// <param name="UpTo">Upper edge, 0.1..1; inclusive.</param>
/// <param name="Rows">Number of rows whose predicted probability lies in the bin; at least 0.</param>
/// <param name="MeanPredicted">Mean predicted probability of the rows, 0..1; null if the bin has no rows.</param>
/// <param name="Observed">Survival rate of the rows, 0..1, with its Wilson interval; its value is null if the bin has no rows.</param>
public sealed record CalibrationBin(double Over, double UpTo, int Rows, double? MeanPredicted, MetricValue Observed)
{
    /// <summary>Number of bins.</summary>
    public const int Count = 10;

    /// <summary>Width of a bin. The edges are its multiples in binary floating point, as in scikit-learn and NumPy.</summary>
    private const double Width = 1.0 / Count;

    /// <summary>Mean prediction minus observed rate, -1..1; positive if survival is overestimated; null if the bin has no rows.</summary>
    [JsonIgnore]
    public double? Gap => MeanPredicted - Observed.Value;

    /// <summary>Assigns rows to bins, as scikit-learn's <c>calibration_curve(n_bins=10)</c> does.</summary>
    /// <param name="rows">Predictions with outcomes; probabilities within 0..1.</param>
    /// <returns>All 10 bins by ascending probability, including empty ones.</returns>
    public static IReadOnlyList<CalibrationBin> Of(IEnumerable<ScoredRow> rows)
    {
        var (predicted, survived, count) = (new double[Count], new int[Count], new int[Count]);
        foreach (var row in rows)
        {
            var bin = FindIndex(row.Probability);
            predicted[bin] += row.Rows * row.Probability;
            survived[bin] += row.Actual ? row.Rows : 0;
            count[bin] += row.Rows;
        }
        return [.. Enumerable.Range(0, Count).Select(bin => new CalibrationBin(
            bin * Width, (bin + 1) * Width, count[bin], count[bin] == 0 ? null : predicted[bin] / count[bin], MetricValue.Of(new Proportion(survived[bin], count[bin]))))];
    }

    /// <summary>Index of the bin that contains a probability, 0..9. A probability on an edge belongs to the bin below the edge.</summary>
    internal static int FindIndex(double probability)
    {
        var bin = 0;
        while (bin < Count - 1 && probability > (bin + 1) * Width)
            bin++;
        return bin;
    }
}
