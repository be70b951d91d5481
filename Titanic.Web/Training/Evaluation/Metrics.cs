namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// Metrics of a binary classifier; the positive class is "survived". Values agree with scikit-learn's functions of the same name. A metric
/// that is undefined for the rows is null, never NaN. All values are weighted by the number of rows.
/// </summary>
/// <param name="Confusion">Confusion matrix of the predicted labels.</param>
/// <param name="RocAuc">
/// Area under the ROC curve, 0..1: probability that a row that survived has a higher predicted probability than a row that died; ties count
/// one half. Null unless both outcomes occur.
/// </param>
/// <param name="LogLoss">
/// Cross-entropy, mean of -ln(probability of the actual outcome), in nats, at least 0; lower is better. Probabilities are clipped to
/// 2^-52..1 - 2^-52. Null without rows.
/// </param>
/// <param name="Brier">
/// Mean squared difference between the probability and the outcome (1 or 0), 0..1; lower is better. Null without rows. G. W. Brier,
/// "Verification of forecasts expressed in terms of probability", 1950, doi:10.1175/1520-0493(1950)078&lt;0001:VOFEIT&gt;2.0.CO;2.
/// </param>
/// <param name="CalibrationError">
/// Expected calibration error, 0..1: mean absolute gap between predicted and observed survival rate over 10 equal-width bins, weighted by
/// rows (M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", 2015,
/// doi:10.1609/aaai.v29i1.9602). Null without rows.
/// </param>
/// <param name="AveragePrecision">
/// Σ (R_i - R_(i-1)) P_i over the thresholds, with recall R and precision P, 0..1; not interpolated. Null without rows that survived.
/// </param>
public sealed record Metrics(
    ConfusionMatrix Confusion, double? RocAuc, double? LogLoss, double? Brier, double? CalibrationError, double? AveragePrecision = null)
{
    /// <summary>Number of rows.</summary>
    public int Rows => Confusion.Rows;
    /// <inheritdoc cref="ConfusionMatrix.Accuracy"/>
    public Proportion Accuracy => Confusion.Accuracy;
    /// <inheritdoc cref="ConfusionMatrix.Precision"/>
    public Proportion Precision => Confusion.Precision;
    /// <inheritdoc cref="ConfusionMatrix.Recall"/>
    public Proportion Recall => Confusion.Recall;
    /// <inheritdoc cref="ConfusionMatrix.BalancedAccuracy"/>
    public double? BalancedAccuracy => Confusion.BalancedAccuracy;
    /// <inheritdoc cref="ConfusionMatrix.F1"/>
    public double? F1 => Confusion.F1;

    /// <summary>Computes all metrics.</summary>
    /// <param name="rows">Predictions with outcomes; may be empty.</param>
    /// <exception cref="ArgumentException">A probability is not within 0..1 or is NaN, or a number of rows is negative.</exception>
    public static Metrics Of(IReadOnlyCollection<ScoredRow> rows)
    {
        foreach (var row in rows)
        {
            if (!(row.Probability is >= 0 and <= 1) || row.Rows < 0)
                throw new ArgumentException(FormattableString.Invariant(
                    $"A prediction has probability {row.Probability} and weight {row.Rows}; the probability must be between 0 and 1, the weight at least 0."),
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

    /// <summary>Log loss of one row, in nats; at most 52 ln 2 because of the clipping.</summary>
    internal static double LogLossOf(ScoredRow row)
    {
        const double edge = 1.0 / (1L << 52);
        var probability = Math.Clamp(row.Probability, edge, 1 - edge);
        return -Math.Log(row.Actual ? probability : 1 - probability);
    }

    /// <summary>Squared difference between probability and outcome, 0..1.</summary>
    internal static double SquaredError(ScoredRow row)
    {
        var difference = row.Probability - (row.Actual ? 1 : 0);
        return difference * difference;
    }
}

/// <summary>A prediction with the actual outcome, for <paramref name="Rows"/> equal rows.</summary>
/// <param name="Probability">Predicted probability of survival, 0..1.</param>
/// <param name="Predicted">Predicted label; true = survived.</param>
/// <param name="Actual">Outcome; true = survived.</param>
/// <param name="Rows">Weight: number of equal rows, at least 0; default 1.</param>
/// <param name="Point">Index of the point of the rows in the evaluated <see cref="WeightedSamples"/>; null if they are not from there.</param>
public readonly record struct ScoredRow(double Probability, bool Predicted, bool Actual, int Rows = 1, int? Point = null)
{
    public static ScoredRow Of(ClassPrediction prediction, bool actual, int rows = 1, int? point = null) =>
        new(prediction.Probability, prediction.Survived, actual, rows, point);
}

/// <summary>Number of rows by actual and predicted label; the positive class is "survived".</summary>
/// <param name="TrueNegatives">Rows that died and were predicted to die.</param>
/// <param name="FalsePositives">Rows that died and were predicted to survive.</param>
/// <param name="FalseNegatives">Rows that survived and were predicted to die.</param>
/// <param name="TruePositives">Rows that survived and were predicted to survive.</param>
public sealed record ConfusionMatrix(int TrueNegatives, int FalsePositives, int FalseNegatives, int TruePositives)
{
    /// <summary>Number of rows with this actual and this predicted label.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A label is neither Died nor Survived.</exception>
    public int this[SurvivalLabel actual, SurvivalLabel predicted] => (actual, predicted) switch
    {
        (SurvivalLabel.Died, SurvivalLabel.Died) => TrueNegatives,
        (SurvivalLabel.Died, SurvivalLabel.Survived) => FalsePositives,
        (SurvivalLabel.Survived, SurvivalLabel.Died) => FalseNegatives,
        (SurvivalLabel.Survived, SurvivalLabel.Survived) => TruePositives,
        _ => throw new ArgumentOutOfRangeException(nameof(actual), $"There is no cell {actual}/{predicted}; labels are Died and Survived."),
    };

    /// <summary>Counts rows by actual and predicted label.</summary>
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

    /// <summary>Whether all rows were predicted to have one outcome.</summary>
    public bool PredictsOneClass => ToCounts().PredictsOneClass;

    public ConfusionCounts ToCounts() => new(TrueNegatives, FalsePositives, FalseNegatives, TruePositives);

    /// <summary>Correct predictions among all rows: (TP + TN) / n.</summary>
    public Proportion Accuracy => new(TrueNegatives + TruePositives, Rows);

    /// <summary>Rows that survived among those predicted to survive: TP / (TP + FP).</summary>
    public Proportion Precision => new(TruePositives, TruePositives + FalsePositives);

    /// <summary>Rows predicted to survive among those that survived (sensitivity): TP / (TP + FN).</summary>
    public Proportion Recall => new(TruePositives, TruePositives + FalseNegatives);

    /// <summary>Rows predicted to die among those that died: TN / (TN + FP).</summary>
    public Proportion Specificity => new(TrueNegatives, TrueNegatives + FalsePositives);

    /// <summary>Mean of recall and specificity, 0..1; null unless both outcomes occur.</summary>
    public double? BalancedAccuracy => (Recall.Value + Specificity.Value) / 2;

    /// <summary>
    /// Harmonic mean of precision and recall, 2TP / (2TP + FP + FN), 0..1; null if no row survived and none was predicted to survive.
    /// </summary>
    public double? F1 =>
        new Proportion(2 * TruePositives, 2 * TruePositives + FalsePositives + FalseNegatives).Value;
}

/// <summary>
/// The two classes. Every access to a confusion matrix uses these names, so that actual and predicted cannot be exchanged.
/// </summary>
public enum SurvivalLabel
{
    /// <summary>The negative class.</summary>
    Died = 0,

    /// <summary>The positive class.</summary>
    Survived = 1,
}
