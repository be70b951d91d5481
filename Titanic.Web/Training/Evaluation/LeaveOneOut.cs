namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// Every row is predicted by a model fitted on all the others. Equal rows get equal answers, so one fit per distinct point and
/// outcome is exact, and there is no chance in it.
/// </summary>
public static class LeaveOneOut
{
    /// <exception cref="TrainingRefusedException">Fewer than two rows of an outcome, or the learner refuses what is left.</exception>
    public static Metrics Run(ILearner learner, WeightedSamples points) => Measure(Score(learner, points));

    /// <param name="isDetailed">Also calibration and metrics by segment.</param>
    /// <exception cref="TrainingRefusedException">Fewer than two rows of an outcome, or the learner refuses what is left.</exception>
    public static EvaluationRecord Evaluate(ILearner learner, WeightedSamples points, bool isDetailed)
    {
        var predictions = Score(learner, points);
        return EvaluationRecord.Of(learner.Name, "leave-one-out", Measure(predictions), predictions, isDetailed ? points : null);
    }

    /// <summary>Without ROC AUC and average precision: they rank rows against each other, and every row was answered by another fit.</summary>
    /// <param name="answers">As <see cref="Score"/> gives them.</param>
    public static Metrics Measure(IReadOnlyCollection<ScoredRow> answers) => Metrics.Of(answers) with { RocAuc = null, AveragePrecision = null };

    /// <summary>One entry per distinct point and outcome, in the points' order, victims before survivors.</summary>
    public static List<ScoredRow> Score(ILearner learner, WeightedSamples points)
    {
        if (points.DiedRows < 2 || points.SurvivedRows < 2)
            throw new TrainingRefusedException(
                $"{points.DiedRows} rows died and {points.SurvivedRows} survived; leaving one out needs at least 2 of each.");
        var scored = new List<ScoredRow>(2 * points.Count);
        for (var point = 0; point < points.Count; point++)
        {
            foreach (var survived in (ReadOnlySpan<bool>)[false, true])
            {
                if (points.RowsOf(point, survived) is > 0 and var rows)
                {
                    var prediction = learner.Fit(points.WithoutOne(point, survived)).Predict(points.Point(point));
                    scored.Add(ScoredRow.Of(prediction, survived, rows));
                }
            }
        }
        return scored;
    }
}
