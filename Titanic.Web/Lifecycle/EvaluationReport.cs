using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Lifecycle;

/// <summary>Puts what was measured into the registry's words.</summary>
internal static class EvaluationReport
{
    public static EvaluationRecord Of(CrossValidationResult result) => new(
        result.Learner, $"{result.Options.Repeats}x{result.Options.Folds} cross-validation", result.Rows,
        new Dictionary<string, Figure>
        {
            ["accuracy"] = Of(result.Accuracy),
            ["balancedAccuracy"] = Of(result.BalancedAccuracy),
            ["precision"] = Of(result.Precision),
            ["recall"] = Of(result.Recall),
            ["f1"] = Of(result.F1),
            ["rocAuc"] = Of(result.RocAuc),
            ["averagePrecision"] = Of(result.AveragePrecision),
            ["logLoss"] = Of(result.LogLoss),
            ["brier"] = Of(result.Brier),
            ["calibrationError"] = Of(result.CalibrationError),
        },
        new ConfusionCounts(
            result.MeanConfusion.TrueNegatives, result.MeanConfusion.FalsePositives, result.MeanConfusion.FalseNegatives, result.MeanConfusion.TruePositives),
        Seed: result.Options.Seed);

    /// <param name="isDetailed">Also how it is calibrated and how it does by segment.</param>
    public static EvaluationRecord LeavingOneOut(ILearner learner, LabelledPoints points, bool isDetailed)
    {
        var answers = LeaveOneOut.Score(learner, points);
        // Every row was answered by another fit, so nothing may rank them against each other.
        var record = Of(learner.Name, "leave-one-out", LeaveOneOut.Measure(answers), answers);
        return isDetailed ? WithDetails(record, points, answers) : record;
    }

    /// <param name="isDetailed">Also how it is calibrated, how it does by segment, and its curves.</param>
    public static EvaluationRecord HoldingOut(ILearner learner, LabelledPoints training, LabelledPoints heldOut, bool isDetailed)
    {
        var answers = HoldOut.Score(learner.Fit(training), heldOut);
        var record = Of(learner.Name, "hold-out", Metrics.Of(answers), answers);
        return isDetailed ? WithCurves(WithDetails(record, heldOut, answers), answers) : record;
    }

    private static EvaluationRecord Of(string subject, string method, Metrics metrics, List<ScoredRow> answers)
    {
        var intervals = MetricIntervals.Of(answers);
        return new EvaluationRecord(
            subject, method, metrics.Rows,
            new Dictionary<string, Figure>
            {
                ["accuracy"] = Of(metrics.Accuracy),
                ["balancedAccuracy"] = Of(metrics.BalancedAccuracy, intervals.BalancedAccuracy),
                ["precision"] = Of(metrics.Precision),
                ["recall"] = Of(metrics.Recall),
                ["f1"] = Of(metrics.F1, intervals.F1),
                ["rocAuc"] = Of(metrics.RocAuc, intervals.RocAuc),
                ["averagePrecision"] = Of(metrics.AveragePrecision, intervals.AveragePrecision),
                ["logLoss"] = Of(metrics.LogLoss, intervals.LogLoss),
                ["brier"] = Of(metrics.Brier, intervals.Brier),
                ["calibrationError"] = Of(metrics.CalibrationError, intervals.CalibrationError),
            },
            Of(metrics.Confusion));
    }

    private static EvaluationRecord WithDetails(EvaluationRecord record, LabelledPoints points, List<ScoredRow> answers) => record with
    {
        Calibration = [.. CalibrationBin.Of(answers).Select(bin => new CalibrationPoint(bin.Over, bin.UpTo, bin.Rows, bin.MeanPredicted, Of(bin.Observed)))],
        Segments =
        [
            .. SegmentMetrics.Of(points, answers).Select(segment => new SegmentFigures(
                segment.Pclass, segment.Sex is { } sex ? SexConverter.Format(sex) : null, segment.Metrics.Rows,
                Of(segment.Metrics.Confusion), Of(segment.Metrics.Accuracy), Of(segment.Metrics.Brier, segment.Brier))),
        ],
    };

    private static EvaluationRecord WithCurves(EvaluationRecord record, List<ScoredRow> answers)
    {
        var curves = RankingCurves.Of(answers)?.Corners();
        return record with
        {
            Roc = curves?.Roc.Select(point => new CurvePoint(point.FalsePositiveRate, point.TruePositiveRate, point.Threshold)).ToList(),
            PrecisionRecall = curves?.PrecisionRecall.Select(point => new CurvePoint(point.Recall, point.Precision, point.Threshold)).ToList(),
        };
    }

    private static ConfusionCounts Of(ConfusionMatrix matrix) =>
        new(matrix.TrueNegatives, matrix.FalsePositives, matrix.FalseNegatives, matrix.TruePositives);

    private static Figure Of(Proportion proportion) => Of(proportion.Value, proportion.Confidence95);

    private static Figure Of(double? value, Interval? interval) => value is null ? new Figure(null) : new Figure(value, interval?.Lower, interval?.Upper);

    private static Figure Of(Spread spread) => new(spread.Mean, spread.Confidence95?.Lower, spread.Confidence95?.Upper, spread.StandardDeviation);
}
