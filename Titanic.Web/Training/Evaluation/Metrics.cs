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

/// <summary>An answer beside what happened, standing for <paramref name="Rows"/> equal rows.</summary>
/// <param name="Probability">Predicted probability of having survived, 0..1.</param>
public readonly record struct ScoredRow(double Probability, bool Predicted, bool Actual, int Rows = 1)
{
    public static ScoredRow Of(ClassPrediction prediction, bool actual, int rows) =>
        new(prediction.Probability, prediction.Survived, actual, rows);
}

/// <summary>Rows by what happened and what was predicted; positive = survived. Figures without a denominator are null.</summary>
public sealed record ConfusionMatrix(int TrueNegatives, int FalsePositives, int FalseNegatives, int TruePositives)
{
    /// <summary>Rows with this actual and this predicted label.</summary>
    public int this[SurvivalLabel actual, SurvivalLabel predicted] => (actual, predicted) switch
    {
        (SurvivalLabel.Died, SurvivalLabel.Died) => TrueNegatives,
        (SurvivalLabel.Died, SurvivalLabel.Survived) => FalsePositives,
        (SurvivalLabel.Survived, SurvivalLabel.Died) => FalseNegatives,
        (SurvivalLabel.Survived, SurvivalLabel.Survived) => TruePositives,
        _ => throw new ArgumentOutOfRangeException(nameof(actual), $"There is no cell {actual}/{predicted}; labels are Died and Survived."),
    };

    public static ConfusionMatrix Of(IEnumerable<ScoredRow> rows)
    {
        var (trueNegatives, falsePositives, falseNegatives, truePositives) = (0, 0, 0, 0);
        foreach (var row in rows)
        {
            switch (row.Actual, row.Predicted)
            {
                case (false, false): trueNegatives += row.Rows; break;
                case (false, true): falsePositives += row.Rows; break;
                case (true, false): falseNegatives += row.Rows; break;
                case (true, true): truePositives += row.Rows; break;
            }
        }
        return new ConfusionMatrix(trueNegatives, falsePositives, falseNegatives, truePositives);
    }

    public int Rows => TrueNegatives + FalsePositives + FalseNegatives + TruePositives;

    public ConfusionCounts ToCounts() => new(TrueNegatives, FalsePositives, FalseNegatives, TruePositives);

    /// <summary>Right answers among all rows.</summary>
    public Proportion Accuracy => new(TrueNegatives + TruePositives, Rows);

    /// <summary>Survivors among the rows predicted as survived.</summary>
    public Proportion Precision => new(TruePositives, TruePositives + FalsePositives);

    /// <summary>Survivors that were found (sensitivity).</summary>
    public Proportion Recall => new(TruePositives, TruePositives + FalseNegatives);

    /// <summary>Victims that were found.</summary>
    public Proportion Specificity => new(TrueNegatives, TrueNegatives + FalsePositives);

    /// <summary>Mean of recall and specificity; null unless both classes are there.</summary>
    public double? BalancedAccuracy => (Recall.Value + Specificity.Value) / 2;

    /// <summary>2TP / (2TP + FP + FN): the harmonic mean of precision and recall; null if nobody survived or was predicted to.</summary>
    public double? F1 =>
        new Proportion(2 * TruePositives, 2 * TruePositives + FalsePositives + FalseNegatives).Value;
}

/// <summary>
/// The two classes, named in this one place: every confusion matrix is read by these names, so that no page can swap an axis.
/// </summary>
public enum SurvivalLabel
{
    /// <summary>The negative class.</summary>
    Died = 0,

    /// <summary>The positive class.</summary>
    Survived = 1,
}
