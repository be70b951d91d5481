using System.Globalization;
using Titanic.Web.Training.Baselines;

namespace Titanic.Web.Training.Evaluation;

/// <summary>A learner evaluated by every method that suits it, and beside it the baselines that it has to beat.</summary>
public static class ModelEvaluation
{
    /// <param name="split">The dataset through the trainer's view alone.</param>
    /// <returns>Cross-validation, leave-one-out where the trainer allows it, hold-out; in each the trainer first, then the baselines.</returns>
    /// <exception cref="TrainingRefusedException">These rows cannot be evaluated.</exception>
    /// <exception cref="Alternatives.LearnerUnavailableException">The learner's native library cannot be loaded on this machine.</exception>
    public static IReadOnlyList<EvaluationRecord> Run(IModelTrainer trainer, TrainingSplit split, CrossValidationOptions options)
    {
        ILearner[] learners = [trainer, .. BaselineRules.Of(split.All.FeatureNames)];
        return
        [
            .. learners.Select(learner => CrossValidation.Run(learner, split.All, options).ToRecord()),
            .. trainer.IsLeftOneOut ? learners.Select(learner => LeaveOneOut.Evaluate(learner, split.All, isDetailed: learner == trainer)) : [],
            .. learners.Select(learner => HoldOut.Evaluate(learner, split.Training, split.HeldOut, isDetailed: learner == trainer)),
        ];
    }

    /// <summary>The learner evaluated once more, by the methods and folds of evaluations that are stored.</summary>
    /// <param name="seedOfOldRows">Of the folds where the stored evaluations do not say.</param>
    /// <returns>Empty where none of the stored evaluations tells folds that these rows allow.</returns>
    public static IReadOnlyList<EvaluationRecord> RunAgain(IModelTrainer trainer, TrainingSplit split, IReadOnlyList<EvaluationRecord> stored, long seedOfOldRows) =>
        stored.Where(record => record.Subject == trainer.Name).Select(record => record.FoldsUsed(seedOfOldRows))
            .FirstOrDefault(options => options is not null && options.Problem(split.All.Rows) is null) is { } folds
            ? Run(trainer, split, folds)
            : [];

    /// <summary>"10x5 cross-validation accuracy 0.8016 ± 0.0034".</summary>
    /// <param name="evaluations">As <see cref="Run"/> returns them.</param>
    public static string Headline(IReadOnlyList<EvaluationRecord> evaluations)
    {
        var accuracy = evaluations[0].Metrics["accuracy"];
        return string.Create(CultureInfo.InvariantCulture, $"{evaluations[0].Method} accuracy {accuracy.Value:0.0000} ± {accuracy.Spread:0.0000}");
    }
}
