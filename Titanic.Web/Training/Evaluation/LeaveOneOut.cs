namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// Leave-one-out evaluation: every row is predicted by a model that is fitted on all other rows; the rows of a group
/// (<see cref="WeightedSamples.Groups"/>) are left out together. Equal rows without a group have equal predictions, so one fit per distinct
/// point and outcome is exact. The result is deterministic.
/// </summary>
public static class LeaveOneOut
{
    /// <summary>Computes the metrics of the leave-one-out predictions.</summary>
    /// <param name="learner">The learner to evaluate.</param>
    /// <param name="points">n rows x d features.</param>
    /// <returns>Metrics without ROC AUC and average precision; see <see cref="Measure"/>.</returns>
    /// <exception cref="TrainingFailedException">
    /// An outcome has fewer than 2 rows, or the learner cannot be fitted on the other rows.
    /// </exception>
    public static Metrics Run(ILearner learner, WeightedSamples points) => Measure(Score(learner, points));

    /// <summary>Does the same as <see cref="Run"/> and returns metrics with their 95% intervals, as the registry stores them.</summary>
    /// <param name="learner">The learner to evaluate.</param>
    /// <param name="points">n rows x d features.</param>
    /// <param name="isDetailed">Whether calibration bins and metrics by segment are included.</param>
    /// <param name="progress">Counts the fits, of which there are <see cref="CountFits"/>.</param>
    /// <exception cref="TrainingFailedException">
    /// An outcome has fewer than 2 rows, or the learner cannot be fitted on the other rows.
    /// </exception>
    public static EvaluationRecord Evaluate(ILearner learner, WeightedSamples points, bool isDetailed, StepProgress? progress = null)
    {
        var predictions = Score(learner, points, progress);
        return EvaluationRecord.Of(learner.Name, "leave-one-out", Measure(predictions), predictions, isDetailed ? points : null);
    }

    /// <summary>
    /// Computes all metrics except ROC AUC and average precision, which are null: they rank rows against each other, and the probabilities
    /// of different fits are not on one scale.
    /// </summary>
    /// <param name="predictions">The result of <see cref="Score"/>.</param>
    public static Metrics Measure(IReadOnlyCollection<ScoredRow> predictions) => Metrics.Of(predictions) with { RocAuc = null, AveragePrecision = null };

    /// <summary>Predicts every row without itself and its group.</summary>
    /// <returns>First the rows without a group by distinct point and outcome, in the order of <see cref="HoldOut.Score"/>, then the groups.</returns>
    /// <exception cref="TrainingFailedException">
    /// An outcome has fewer than 2 rows, or the learner cannot be fitted on the other rows.
    /// </exception>
    public static List<ScoredRow> Score(ILearner learner, WeightedSamples points, StepProgress? progress = null)
    {
        progress ??= StepProgress.None;
        if (points.DiedRows < 2 || points.SurvivedRows < 2)
            throw new TrainingFailedException(
                $"The numbers of rows that died and survived are {Format.Count(points.DiedRows)} and {Format.Count(points.SurvivedRows)}; leave-one-out requires at least 2 of each.");
        var scored = new List<ScoredRow>(2 * points.Count);
        var (negatives, positives) = (points.UngroupedRows(survived: false), points.UngroupedRows(survived: true));
        for (var point = 0; point < points.Count; point++)
        {
            foreach (var survived in (ReadOnlySpan<bool>)[false, true])
            {
                if ((survived ? positives : negatives)[point] is not (> 0 and var rows))
                    continue;
                scored.Add(HoldOut.ScoreRows(learner.Fit(points.WithoutOne(point, survived)), points, new GroupedRows(point, survived, rows)));
                progress.Add();
            }
        }
        foreach (var group in points.Groups)
        {
            var others = learner.Fit(points.Without(group));
            scored.AddRange(group.Rows.Select(rows => HoldOut.ScoreRows(others, points, rows)));
            progress.Add();
        }
        return scored;
    }

    /// <summary>Number of models that <see cref="Score"/> fits.</summary>
    public static int CountFits(WeightedSamples points)
    {
        var (negatives, positives) = (points.UngroupedRows(survived: false), points.UngroupedRows(survived: true));
        return Enumerable.Range(0, points.Count).Sum(point => (negatives[point] > 0 ? 1 : 0) + (positives[point] > 0 ? 1 : 0)) + points.Groups.Count;
    }
}
