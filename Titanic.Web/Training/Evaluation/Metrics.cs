namespace Titanic.Web.Training.Evaluation;

/// <summary>How good a classifier's answers are. A figure that is not defined on these rows is null, never NaN.</summary>
/// <param name="RocAuc">Chance that a survivor gets a higher probability than a victim, ties counting one half; needs both classes.</param>
/// <param name="LogLoss">Mean of -ln(probability given to what happened), in nats; probabilities are kept 2^-52 away from 0 and 1.</param>
/// <param name="Brier">Mean squared difference between the probability and what happened (1 or 0).</param>
/// <param name="CalibrationError">ECE: mean gap between predicted and observed share of survivors, over 10 equal-width bins.</param>
public sealed record Metrics(
    ConfusionMatrix Confusion, double? RocAuc, double? LogLoss, double? Brier, double? CalibrationError)
{
    public const int CalibrationBins = 10;

    /// <summary>Number of rows measured.</summary>
    public int Rows => Confusion.Rows;
    public Proportion Accuracy => Confusion.Accuracy;
    public Proportion Precision => Confusion.Precision;
    public Proportion Recall => Confusion.Recall;
    public double? BalancedAccuracy => Confusion.BalancedAccuracy;
    public double? F1 => Confusion.F1;

    public static Metrics Of(IReadOnlyCollection<ScoredRow> rows)
    {
        foreach (var row in rows)
        {
            if (!(row.Probability is >= 0 and <= 1) || row.Rows < 0)
                throw new ArgumentException(FormattableString.Invariant(
                    $"A row has probability {row.Probability} and stands for {row.Rows} rows; it must be 0..1 and at least 0."),
                    nameof(rows));
        }
        var confusion = ConfusionMatrix.Of(rows);
        if (confusion.Rows == 0)
            return new Metrics(confusion, null, null, null, null);
        return new Metrics(
            confusion,
            AreaUnderRoc(rows),
            rows.Sum(row => row.Rows * LogLossOf(row)) / confusion.Rows,
            rows.Sum(row => row.Rows * SquaredError(row)) / confusion.Rows,
            ExpectedCalibrationError(rows) / confusion.Rows);
    }

    /// <summary>Mann–Whitney: victims below each survivor, victims beside it counting one half. Exact.</summary>
    internal static double? AreaUnderRoc(IReadOnlyCollection<ScoredRow> rows)
    {
        var (survivorsTotal, victimsBelow, doubledWins) = (0L, 0L, 0L);
        foreach (var tied in rows.GroupBy(row => row.Probability).OrderBy(group => group.Key))
        {
            var survivors = tied.Where(row => row.Actual).Sum(row => (long)row.Rows);
            var victims = tied.Where(row => !row.Actual).Sum(row => (long)row.Rows);
            doubledWins += survivors * (2 * victimsBelow + victims);
            survivorsTotal += survivors;
            victimsBelow += victims;
        }
        return survivorsTotal == 0 || victimsBelow == 0 ? null : doubledWins / (2.0 * survivorsTotal * victimsBelow);
    }

    private static double LogLossOf(ScoredRow row)
    {
        const double edge = 1.0 / (1L << 52);
        var probability = Math.Clamp(row.Probability, edge, 1 - edge);
        return -Math.Log(row.Actual ? probability : 1 - probability);
    }

    private static double SquaredError(ScoredRow row)
    {
        var difference = row.Probability - (row.Actual ? 1 : 0);
        return difference * difference;
    }

    /// <summary>Bin b holds b/10 &lt;= probability &lt; (b+1)/10, the last also 1 (Naeini et al., 2015); summed over rows.</summary>
    private static double ExpectedCalibrationError(IReadOnlyCollection<ScoredRow> rows) => rows
        .GroupBy(row => Math.Min(CalibrationBins - 1, (int)(row.Probability * CalibrationBins)))
        .Sum(bin => Math.Abs(bin.Sum(row => row.Rows * (row.Probability - (row.Actual ? 1 : 0)))));
}
