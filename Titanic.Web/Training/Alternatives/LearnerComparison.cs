using System.Text.Json.Serialization;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Training.Alternatives;

/// <summary>Evaluates a learner beside the alternative learners and the baselines, on the same folds of the same rows, each through its own view.</summary>
public static class LearnerComparison
{
    /// <param name="split">The dataset through the views of the trainer and of all alternative learners.</param>
    /// <param name="options">The folds, which are the same for all.</param>
    public static ComparisonRecord Run(IModelTrainer trainer, TrainingSplit split, CrossValidationOptions options)
    {
        var slice = split.Views.In(trainer.View.Schema);
        var own = CrossValidation.Run(slice.Through(trainer), split.All, options);
        string[] featuresOfRules = ["nothing", BaselineRules.SexFeature];
        ComparedLearner[] others =
        [
            .. AlternativeLearners.All.Select(learner => Evaluate(learner, split, own)),
            .. BaselineRules.Of(trainer.View.Schema.FeatureNames).Zip(featuresOfRules, (rule, features) =>
                Compare(own, CrossValidation.Run(slice.Through(rule), split.All, options), features)),
        ];
        return new ComparisonRecord(own.Rows, options.Repeats, options.Folds, options.Seed, own.Brier.Value!.Value, own.Accuracy.Value!.Value, others);
    }

    private static ComparedLearner Evaluate(AlternativeLearner learner, TrainingSplit split, CrossValidationResult own)
    {
        var features = $"{learner.View.Schema}, {learner.Features}";
        if (split.All.Rows > SelectionSettings.MostRowsOfInfiniteViews)
            return NotMeasured(FormattableString.Invariant($"{split.All.Rows} rows are more than the {SelectionSettings.MostRowsOfInfiniteViews} up to which challengers are fitted."));
        try
        {
            return Compare(own, CrossValidation.Run(split.Views.In(learner.View.Schema).Through(learner), split.All, own.Options), features) with { Name = learner.Algorithm };
        }
        catch (AggregateException several) when (several.InnerException is LearnerUnavailableException missing)
        {
            return NotMeasured(missing.Message);
        }

        ComparedLearner NotMeasured(string why) => new(learner.Algorithm, features, null, null, null, null, why);
    }

    private static ComparedLearner Compare(CrossValidationResult own, CrossValidationResult other, string features) => new(
        other.Learner, features, other.Brier.Value, other.Accuracy.Value,
        Difference(FoldDifferences.Of(own, other, fold => fold.Brier)), Difference(FoldDifferences.Of(own, other, fold => fold.Accuracy.Value)));

    private static MetricValue? Difference(FoldDifferences? differences) =>
        differences?.Mean is { Confidence95: var interval } mean ? new MetricValue(mean.Mean, interval.Lower, interval.Upper) : null;
}

/// <summary>A version beside other learners, all evaluated on the same folds of the same rows, as the registry stores it and the API gives it.</summary>
/// <param name="Brier">The version's own mean over the folds.</param>
/// <param name="Accuracy">The version's own mean over the folds, 0..1.</param>
public sealed record ComparisonRecord(
    int Rows, int Repeats, int Folds, long Seed, double Brier, double Accuracy, [property: JsonPropertyName("opponents")] IReadOnlyList<ComparedLearner> Learners);

/// <summary>Another learner; metrics are null where it could not be measured.</summary>
/// <param name="Features">What it sees, in words.</param>
/// <param name="BrierDifference">Its Brier score minus the version's, with the 95 % interval: above 0 the version is better.</param>
/// <param name="AccuracyDifference">Its accuracy minus the version's: below 0 the version is better.</param>
/// <param name="NotMeasured">Why there are no metrics, as a sentence.</param>
public sealed record ComparedLearner(
    string Name, string Features, double? Brier, double? Accuracy, MetricValue? BrierDifference, MetricValue? AccuracyDifference, string? NotMeasured = null);
