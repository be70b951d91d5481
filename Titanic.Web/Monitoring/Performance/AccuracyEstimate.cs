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
    /// <summary>Estimates the accuracy of predictions.</summary>
    /// <param name="rows">Predictions with the stored calibration of their versions: 10 bins, or none for a version without them.</param>
    /// <returns>Null without rows.</returns>
    public static AccuracyEstimate? Of(IEnumerable<UnlabeledRows> rows)
    {
        var sums = new AccuracySums();
        foreach (var row in rows)
            sums.Add(CalibratedPrediction.Of(row.Probability, row.Predicted, row.Calibration, row.Calibration.Sum(bin => bin.Rows)), row.Rows);
        return sums.Estimate();
    }
}

/// <summary>A prediction with the calibrated probability that its class is the outcome.</summary>
/// <param name="Block">Predictions of one calibration bin and predicted class share their calibration error.</param>
/// <param name="Correct">The calibrated probability.</param>
/// <param name="CalibrationRows">Number of independent rows that the probability was estimated from.</param>
/// <param name="VersionRows">Number of out-of-fold predictions of the version.</param>
internal readonly record struct CalibratedPrediction(int Block, double Correct, double CalibrationRows, int VersionRows)
{
    public const int Blocks = 2 * CalibrationBin.Count;

    private const double PriorRows = 2;

    /// <summary>
    /// The variance of the calibration error, relative to that of as many independent rows. The rows are also those that the model is fitted on,
    /// so that their sampling error enters twice; the benchmark <c>performance</c> measures 1.9.
    /// </summary>
    private const double VarianceInflation = 2;

    public static CalibratedPrediction Of(double probability, bool predicted, IReadOnlyList<CalibrationBin> calibration, int versionRows)
    {
        var index = CalibrationBin.FindIndex(probability);
        var bin = calibration.Count == 0 ? null : calibration[index];
        var rows = bin?.Rows ?? 0;
        var survival = ((rows * (bin?.Observed.Value ?? 0)) + (PriorRows * probability)) / (rows + PriorRows);
        return new((2 * index) + (predicted ? 1 : 0), predicted ? survival : 1 - survival, (rows + PriorRows) / VarianceInflation, versionRows);
    }
}

/// <summary>Sums predictions whose accuracy is estimated.</summary>
internal sealed class AccuracySums
{
    private readonly int[] _rows = new int[CalibratedPrediction.Blocks];
    private readonly double[] _correct = new double[CalibratedPrediction.Blocks], _calibrationRows = new double[CalibratedPrediction.Blocks];
    private double _versionRows;

    public void Add(in CalibratedPrediction prediction, int rows)
    {
        _rows[prediction.Block] += rows;
        _correct[prediction.Block] += rows * prediction.Correct;
        _calibrationRows[prediction.Block] += rows * prediction.CalibrationRows;
        _versionRows += (double)rows * prediction.VersionRows;
    }

    /// <returns>Null without rows.</returns>
    public AccuracyEstimate? Estimate()
    {
        var total = _rows.Sum();
        if (total == 0)
            return null;
        CorrectBlock[] blocks =
        [
            .. Enumerable.Range(0, CalibratedPrediction.Blocks).Where(block => _rows[block] > 0)
                .Select(block => new CorrectBlock(_correct[block] / _rows[block], _rows[block], _calibrationRows[block] / _rows[block])),
        ];
        var interval = CorrectCountDistribution.Interval95(blocks);
        return new(total, new MetricValue(_correct.Sum() / total, interval.Lower, interval.Upper), _versionRows / total);
    }
}

/// <summary>Equal predictions whose accuracy is estimated.</summary>
/// <param name="Probability">Predicted probability of survival, above 0 and below 1.</param>
/// <param name="Predicted">Predicted class; true = survived.</param>
/// <param name="Rows">At least 0.</param>
/// <param name="Calibration">The 10 bins of the version's out-of-fold predictions; empty if there are none.</param>
public readonly record struct UnlabeledRows(double Probability, bool Predicted, int Rows, IReadOnlyList<CalibrationBin> Calibration);
