using System.Text.Json.Serialization;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Training.Alternatives;

/// <summary>
/// Compares a learner with the alternative learners and the baselines on the same folds of the same rows, each in its own view.
/// </summary>
public static class LearnerComparison
{
    /// <summary>Cross-validates all learners and computes paired differences.</summary>
    /// <param name="trainer">The learner to compare.</param>
    /// <param name="split">The training dataset in the views of the learner and of all alternative learners.</param>
    /// <param name="options">The folds, the same for all learners.</param>
    /// <param name="progress">Counts the folds of all learners.</param>
    public static ComparisonRecord Run(IModelTrainer trainer, TrainingSplit split, CrossValidationOptions options, StepProgress progress)
    {
        var rules = BaselineRules.Of(trainer.View.Schema.FeatureNames);
        progress.Total = options.Repeats * options.Folds * (1L + AlternativeLearners.All.Count + rules.Count);
        var slice = split.Views.Slice(trainer.View.Schema);
        var own = CrossValidation.Run(slice.Adapt(trainer), split.All, options, progress);
        string[] featuresOfRules = ["nothing", BaselineRules.SexFeature];
        ComparedLearner[] others =
        [
            .. AlternativeLearners.All.Select(learner => Evaluate(learner, split, own, progress)),
            .. rules.Zip(featuresOfRules, (rule, features) =>
                Compare(own, CrossValidation.Run(slice.Adapt(rule), split.All, options, progress), features)),
        ];
        return new ComparisonRecord(own.Rows, options.Repeats, options.Folds, options.Seed, own.Brier.Value!.Value, own.Accuracy.Value!.Value, others);
    }

    private static ComparedLearner Evaluate(AlternativeLearner learner, TrainingSplit split, CrossValidationResult own, StepProgress progress)
    {
        var features = $"{learner.View.Schema}, {learner.Features}";
        if (split.All.Rows > SelectionSettings.MaximumRowsOfUnboundedViews)
            return NotMeasured($"Alternative learners are compared up to {Quantity.Of(SelectionSettings.MaximumRowsOfUnboundedViews, "row")}; there are {Format.Count(split.All.Rows)}.");
        try
        {
            return Compare(own, CrossValidation.Run(split.Views.Slice(learner.View.Schema).Adapt(learner), split.All, own.Options, progress), features) with { Name = learner.Algorithm };
        }
        catch (AggregateException exception) when (exception.InnerException is LearnerUnavailableException unavailable)
        {
            return NotMeasured(unavailable.Message);
        }

        ComparedLearner NotMeasured(string reason) => new(learner.Algorithm, features, null, null, null, null, reason);
    }

    private static ComparedLearner Compare(CrossValidationResult own, CrossValidationResult other, string features) => new(
        other.Learner, features, other.Brier.Value, other.Accuracy.Value,
        Difference(FoldDifferences.Of(own, other, fold => fold.Brier)), Difference(FoldDifferences.Of(own, other, fold => fold.Accuracy.Value)));

    private static MetricValue? Difference(FoldDifferences? differences) =>
        differences?.Mean is { Confidence95: var interval } mean ? new MetricValue(mean.Mean, interval.Lower, interval.Upper) : null;
}

/// <summary>
/// A version compared with other learners on the same folds of the same rows, as the registry stores it and the API returns it.
/// </summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Repeats">How often all rows were split into folds.</param>
/// <param name="Folds">Number of folds per repeat.</param>
/// <param name="Seed">Seed of the fold assignment.</param>
/// <param name="Brier">Brier score of the version, mean over the repeats, 0..1.</param>
/// <param name="Accuracy">Accuracy of the version, mean over the repeats, 0..1.</param>
/// <param name="Learners">The other learners.</param>
public sealed record ComparisonRecord(
    int Rows, int Repeats, int Folds, long Seed, double Brier, double Accuracy, [property: JsonPropertyName("opponents")] IReadOnlyList<ComparedLearner> Learners);

/// <summary>Another learner; metrics are null if it could not be evaluated.</summary>
/// <param name="Name">Name of the learner.</param>
/// <param name="Features">Description of its features.</param>
/// <param name="Brier">Its Brier score, mean over the repeats, 0..1.</param>
/// <param name="Accuracy">Its accuracy, mean over the repeats, 0..1.</param>
/// <param name="BrierDifference">
/// Its Brier score minus the version's, mean over the folds with 95% interval; above 0 if the version is better.
/// </param>
/// <param name="AccuracyDifference">
/// Its accuracy minus the version's, mean over the folds with 95% interval; below 0 if the version is better.
/// </param>
/// <param name="NotMeasured">Why there are no metrics, as a sentence.</param>
public sealed record ComparedLearner(
    string Name, string Features, double? Brier, double? Accuracy, MetricValue? BrierDifference, MetricValue? AccuracyDifference, string? NotMeasured = null);
