namespace Titanic.Web.Training.Evaluation;

/// <summary>Hold-out evaluation: a learner is fitted on one set of rows and evaluated on another.</summary>
public static class HoldOut
{
    /// <summary>Fits the learner on the training rows and computes the metrics of its predictions for the test rows.</summary>
    /// <param name="learner">The learner to evaluate.</param>
    /// <param name="training">Rows to fit; n rows x d features.</param>
    /// <param name="testing">Rows to predict; m rows x the same d features.</param>
    /// <exception cref="TrainingFailedException">The learner cannot be fitted on the training rows.</exception>
    public static Metrics Run(ILearner learner, WeightedSamples training, WeightedSamples testing) =>
        Metrics.Of(Score(learner.Fit(training), testing));

    /// <summary>Does the same as <see cref="Run"/> and returns metrics with their 95% intervals, as the registry stores them.</summary>
    /// <param name="learner">The learner to evaluate.</param>
    /// <param name="training">Rows to fit; n rows x d features.</param>
    /// <param name="testing">Rows to predict; m rows x the same d features.</param>
    /// <param name="isDetailed">Whether calibration bins, metrics by segment, and ROC and precision-recall curves are included.</param>
    /// <exception cref="TrainingFailedException">The learner cannot be fitted on the training rows.</exception>
    public static EvaluationRecord Evaluate(ILearner learner, WeightedSamples training, WeightedSamples testing, bool isDetailed)
    {
        var predictions = Score(learner.Fit(training), testing);
        var record = EvaluationRecord.Of(learner.Name, "hold-out", Metrics.Of(predictions), predictions, isDetailed ? testing : null);
        if (!isDetailed)
            return record;
        var curves = RankingCurves.Of(predictions)?.Simplify();
        return record with { Roc = curves?.Roc, PrecisionRecall = curves?.PrecisionRecall };
    }

    /// <summary>Predicts rows with a fitted model.</summary>
    /// <returns>
    /// One entry per distinct point and outcome, weighted by its number of rows, in the order of the points; for each point the rows that
    /// died come before those that survived.
    /// </returns>
    public static List<ScoredRow> Score(IClassifier classifier, WeightedSamples testing)
    {
        var scored = new List<ScoredRow>(2 * testing.Count);
        for (var point = 0; point < testing.Count; point++)
        {
            var prediction = classifier.Predict(testing.Point(point));
            if (testing.Negatives[point] > 0)
                scored.Add(ScoredRow.Of(prediction, actual: false, testing.Negatives[point], point));
            if (testing.Positives[point] > 0)
                scored.Add(ScoredRow.Of(prediction, actual: true, testing.Positives[point], point));
        }
        return scored;
    }

    /// <summary>Predicts rows with the same point and outcome.</summary>
    internal static ScoredRow ScoreRows(IClassifier classifier, WeightedSamples testing, GroupedRows rows) =>
        ScoredRow.Of(classifier.Predict(testing.Point(rows.Point)), rows.Survived, rows.Rows, rows.Point);
}
