using System.Text.Json.Serialization;

namespace Titanic.Web.Training.Evaluation;

/// <summary>Rows whose probabilities lie in one tenth of 0..1: what was predicted for them beside what happened.</summary>
/// <param name="Over">Exclusive lower edge; the first bin includes it.</param>
/// <param name="UpTo">Inclusive upper edge.</param>
/// <param name="MeanPredicted">Mean probability, 0..1; null without rows.</param>
/// <param name="Observed">Share of survivors among the bin's rows, with Wilson's interval.</param>
public sealed record CalibrationBin(double Over, double UpTo, int Rows, double? MeanPredicted, MetricValue Observed)
{
    public const int Count = 10;

    /// <summary>Width of a bin; edges are its multiples in binary numbers, as scikit-learn and NumPy have them.</summary>
    private const double Width = 1.0 / Count;

    /// <summary>Positive where too many survivors are predicted; null without rows.</summary>
    [JsonIgnore]
    public double? Gap => MeanPredicted - Observed.Value;

    /// <summary>All bins by ascending probability, empty ones too.</summary>
    public static IReadOnlyList<CalibrationBin> Of(IEnumerable<ScoredRow> rows)
    {
        var (predicted, survived, count) = (new double[Count], new int[Count], new int[Count]);
        foreach (var row in rows)
        {
            var bin = IndexOf(row.Probability);
            predicted[bin] += row.Rows * row.Probability;
            survived[bin] += row.Actual ? row.Rows : 0;
            count[bin] += row.Rows;
        }
        return [.. Enumerable.Range(0, Count).Select(bin => new CalibrationBin(
            bin * Width, (bin + 1) * Width, count[bin], count[bin] == 0 ? null : predicted[bin] / count[bin], MetricValue.Of(new Proportion(survived[bin], count[bin]))))];
    }

    /// <summary>The bin that holds a probability, 0..9.</summary>
    internal static int IndexOf(double probability)
    {
        var bin = 0;
        while (bin < Count - 1 && probability > (bin + 1) * Width)
            bin++;
        return bin;
    }
}
