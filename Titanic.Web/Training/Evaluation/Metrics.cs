namespace Titanic.Web.Training.Evaluation;

/// <summary>How good a classifier's answers are. A figure that is not defined on these rows is null, never NaN.</summary>
/// <param name="RocAuc">Chance that a survivor gets a higher probability than a victim, ties counting one half; needs both classes.</param>
/// <param name="LogLoss">Mean of -ln(probability given to what happened), in nats; probabilities are kept 2^-52 away from 0 and 1.</param>
/// <param name="Brier">Mean squared difference between the probability and what happened (1 or 0).</param>
/// <param name="CalibrationError">ECE: mean gap between predicted and observed share of survivors, over 10 equal-width bins (Naeini et al., 2015).</param>
/// <param name="AveragePrecision">Mean precision over the recall that each threshold adds; needs a survivor.</param>
public sealed record Metrics(
    ConfusionMatrix Confusion, double? RocAuc, double? LogLoss, double? Brier, double? CalibrationError, double? AveragePrecision = null)
{
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
        var ranked = RankedRows.Of(rows);
        return new Metrics(
            confusion,
            RocArea.Of(ranked),
            rows.Sum(row => row.Rows * LogLossOf(row)) / confusion.Rows,
            rows.Sum(row => row.Rows * SquaredError(row)) / confusion.Rows,
            CalibrationBin.Of(rows).Sum(bin => bin.Rows * Math.Abs(bin.Gap ?? 0)) / confusion.Rows,
            RankingCurves.AveragePrecision(ranked));
    }

    internal static double LogLossOf(ScoredRow row)
    {
        const double edge = 1.0 / (1L << 52);
        var probability = Math.Clamp(row.Probability, edge, 1 - edge);
        return -Math.Log(row.Actual ? probability : 1 - probability);
    }

    internal static double SquaredError(ScoredRow row)
    {
        var difference = row.Probability - (row.Actual ? 1 : 0);
        return difference * difference;
    }
}
