using Titanic.Web.Training.Baselines;

namespace Titanic.Web.Training.Evaluation;

/// <summary>Evaluates a learner, and the baselines that it has to beat, with every evaluation method that the learner supports.</summary>
public static class ModelEvaluation
{
    /// <summary>Runs repeated cross-validation, leave-one-out if the learner uses it, and hold-out.</summary>
    /// <param name="trainer">The learner to evaluate.</param>
    /// <param name="split">The training dataset in the learner's feature view only.</param>
    /// <param name="options">Folds of the cross-validation.</param>
    /// <param name="progress">Counts the fitted models.</param>
    /// <returns>Cross-validations, then leave-one-out, then hold-outs; each time first the learner, then the baselines.</returns>
    /// <exception cref="TrainingFailedException">The learner cannot be fitted on these rows or folds.</exception>
    /// <exception cref="Alternatives.LearnerUnavailableException">
    /// The learner's native library cannot be loaded on this machine.
    /// </exception>
    public static IReadOnlyList<EvaluationRecord> Run(IModelTrainer trainer, TrainingSplit split, CrossValidationOptions options, StepProgress? progress = null)
    {
        ILearner[] learners = [trainer, .. BaselineRules.Of(split.All.FeatureNames)];
        progress ??= StepProgress.None;
        progress.Total = learners.Length * (options.Repeats * options.Folds + (trainer.UsesLeaveOneOut ? LeaveOneOut.CountFits(split.All) : 0) + 1L);
        return
        [
            .. learners.Select(learner => CrossValidation.Run(learner, split.All, options, progress).ToRecord()),
            .. trainer.UsesLeaveOneOut ? learners.Select(learner => LeaveOneOut.Evaluate(learner, split.All, isDetailed: learner == trainer, progress)) : [],
            .. learners.Select(HoldOutOf),
        ];

        EvaluationRecord HoldOutOf(ILearner learner)
        {
            progress.Add();
            return HoldOut.Evaluate(learner, split.Training, split.HeldOut, isDetailed: learner == trainer);
        }
    }

    /// <summary>Repeats stored evaluations with the same methods and the same folds.</summary>
    /// <param name="trainer">The learner of the stored evaluations.</param>
    /// <param name="split">The training dataset in the learner's feature view only.</param>
    /// <param name="stored">Stored evaluations of the learner.</param>
    /// <param name="defaultSeed">Seed of the folds for records without a seed.</param>
    /// <param name="progress">Counts the fitted models.</param>
    /// <returns>As <see cref="Run"/>; empty if no stored evaluation defines folds that are possible with these rows.</returns>
    public static IReadOnlyList<EvaluationRecord> Reevaluate(
        IModelTrainer trainer, TrainingSplit split, IReadOnlyList<EvaluationRecord> stored, long defaultSeed, StepProgress? progress = null) =>
        stored.Where(record => record.Subject == trainer.Name).Select(record => record.GetCrossValidationOptions(defaultSeed))
            .FirstOrDefault(options => options is not null && options.Validate(split.All.Rows) is null) is { } folds
            ? Run(trainer, split, folds, progress)
            : [];

    /// <summary>
    /// Accuracy of the first evaluation with its 95% interval, for example "10x5 cross-validation accuracy 80.1% (78.0% to 82.3%)".
    /// </summary>
    /// <param name="evaluations">The result of <see cref="Run"/>.</param>
    public static string Headline(IReadOnlyList<EvaluationRecord> evaluations)
    {
        var accuracy = evaluations[0].Metrics["accuracy"];
        return $"{evaluations[0].Method} accuracy {MetricFormat.WithUncertainty("accuracy", accuracy)}";
    }
}
