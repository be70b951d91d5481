using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring.Performance;

/// <summary>
/// The accuracy that is expected without outcomes (confidence-based performance estimation, CBPE): the mean calibrated probability that the
/// predicted class is the outcome. It sees changes of the inputs; it does not see changes of the relation between features and outcome
/// (concept drift).
/// </summary>
/// <remarks>
/// The probability of a row is calibrated by histogram binning (B. Zadrozny and C. Elkan, "Obtaining calibrated probability estimates from
/// decision trees and naive Bayesian classifiers", 2001): (s + 2p) / (n + 2) for s survivors among the n out-of-fold predictions of the same
/// version in the same calibration bin, where 2 rows with the row's own probability p are a prior that decides alone if the bin is empty.
/// Versions share most of their training rows, so the calibration errors of one bin are treated as equal in all versions.
/// </remarks>
/// <param name="Rows">Number of predictions, at least 1.</param>
/// <param name="Accuracy">
/// Expected accuracy, 0..1. The interval contains the accuracy of these rows with a probability of 95% if the calibration still holds.
/// </param>
/// <param name="CalibrationRows">Mean number of out-of-fold predictions that the calibration of a version is computed from.</param>
public sealed record AccuracyEstimate(int Rows, MetricValue Accuracy, double CalibrationRows)
{
    private const double PriorRows = 2;

    /// <summary>
    /// The variance of the calibration error, relative to that of as many independent rows. The rows are also those that the model is fitted on,
    /// so that their sampling error enters twice; the benchmark <c>performance</c> measures 1.9.
    /// </summary>
    private const double VarianceInflation = 2;

    /// <summary>Estimates the accuracy of predictions.</summary>
    /// <param name="rows">Predictions with the stored calibration of their versions: 10 bins, or none for a version without them.</param>
    /// <returns>Null without rows.</returns>
    public static AccuracyEstimate? Of(IEnumerable<UnlabeledRows> rows)
    {
        CorrectBlock[] blocks =
        [
            .. rows.Where(row => row.Rows > 0)
                .GroupBy(row => (CalibrationBin.FindIndex(row.Probability), row.Predicted))
                .Select(group => Merge([.. group.Select(Calibrate)])),
        ];
        var total = blocks.Sum(block => block.Rows);
        if (total == 0)
            return null;
        var interval = CorrectCountDistribution.Interval95(blocks);
        return new(
            total, new MetricValue(blocks.Sum(block => block.Rows * block.Probability) / total, interval.Lower, interval.Upper),
            rows.Sum(row => (double)row.Rows * row.Calibration.Sum(bin => bin.Rows)) / total);
    }

    private static CorrectBlock Calibrate(UnlabeledRows row)
    {
        var bin = row.Calibration.Count == 0 ? null : row.Calibration[CalibrationBin.FindIndex(row.Probability)];
        var rows = bin?.Rows ?? 0;
        var survival = ((rows * (bin?.Observed.Value ?? 0)) + (PriorRows * row.Probability)) / (rows + PriorRows);
        return new(row.Predicted ? survival : 1 - survival, row.Rows, (rows + PriorRows) / VarianceInflation);
    }

    private static CorrectBlock Merge(CorrectBlock[] blocks)
    {
        var rows = blocks.Sum(block => block.Rows);
        return new(blocks.Sum(block => block.Rows * block.Probability) / rows, rows, blocks.Sum(block => block.Rows * block.CalibrationRows) / rows);
    }
}

/// <summary>Equal predictions whose accuracy is estimated.</summary>
/// <param name="Probability">Predicted probability of survival, above 0 and below 1.</param>
/// <param name="Predicted">Predicted class; true = survived.</param>
/// <param name="Rows">At least 0.</param>
/// <param name="Calibration">The 10 bins of the version's out-of-fold predictions; empty if there are none.</param>
public readonly record struct UnlabeledRows(double Probability, bool Predicted, int Rows, IReadOnlyList<CalibrationBin> Calibration);
