namespace Titanic.Web.Training.Evaluation;

/// <summary>Fitted on one part of the rows, measured on another.</summary>
public static class HoldOut
{
    /// <exception cref="TrainingRefusedException">The learner refuses the training part.</exception>
    public static Metrics Run(ILearner learner, WeightedSamples training, WeightedSamples testing) =>
        Metrics.Of(Score(learner.Fit(training), testing));

    /// <param name="isDetailed">Also calibration, metrics by segment, and curves.</param>
    /// <exception cref="TrainingRefusedException">The learner refuses the training part.</exception>
    public static EvaluationRecord Evaluate(ILearner learner, WeightedSamples training, WeightedSamples testing, bool isDetailed)
    {
        var predictions = Score(learner.Fit(training), testing);
        var record = EvaluationRecord.Of(learner.Name, "hold-out", Metrics.Of(predictions), predictions, isDetailed ? testing : null);
        if (!isDetailed)
            return record;
        var curves = RankingCurves.Of(predictions)?.Corners();
        return record with { Roc = curves?.Roc, PrecisionRecall = curves?.PrecisionRecall };
    }

    /// <summary>A fitted model's answers for rows it has not seen: one entry per distinct point and outcome.</summary>
    public static List<ScoredRow> Score(IClassifier classifier, WeightedSamples testing)
    {
        var scored = new List<ScoredRow>(2 * testing.Count);
        for (var point = 0; point < testing.Count; point++)
        {
            var prediction = classifier.Predict(testing.Point(point));
            if (testing.Negatives[point] > 0)
                scored.Add(ScoredRow.Of(prediction, actual: false, testing.Negatives[point]));
            if (testing.Positives[point] > 0)
                scored.Add(ScoredRow.Of(prediction, actual: true, testing.Positives[point]));
        }
        return scored;
    }
}
