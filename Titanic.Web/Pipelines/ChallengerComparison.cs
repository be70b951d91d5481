using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Challengers;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Pipelines;

/// <summary>The K-NN beside the challengers and the baselines, on the same folds of the same rows, each through its own view.</summary>
internal static class ChallengerComparison
{
    /// <param name="split">Read through the views of all.</param>
    public static ComparisonRecord Measure(ILearner knn, FeatureViewSchema view, TrainingSplit split, CrossValidationOptions options)
    {
        var slice = split.Views.In(view);
        var own = CrossValidation.Run(slice.Through(knn), split.All, options);
        var sexFeature = view.FeatureNames.ToList().IndexOf("sex");
        OpponentRecord[] opponents =
        [
            .. ChallengerCatalog.All.Select(challenger => Measure(challenger, split, own)),
            Against(own, CrossValidation.Run(slice.Through(new MajorityBaseline()), split.All, options), "nothing"),
            Against(own, CrossValidation.Run(slice.Through(new FemaleSurvivesBaseline(sexFeature)), split.All, options), "sex"),
        ];
        return new ComparisonRecord(own.Rows, options.Repeats, options.Folds, options.Seed, own.Brier.Mean!.Value, own.Accuracy.Mean!.Value, opponents);
    }

    private static OpponentRecord Measure(Challenger challenger, TrainingSplit split, CrossValidationResult own)
    {
        var features = $"{challenger.View.Schema}, {challenger.Features}";
        if (split.All.Rows > SelectionSettings.MostRowsOfInfiniteViews)
            return NotMeasured(FormattableString.Invariant($"{split.All.Rows} rows are more than the {SelectionSettings.MostRowsOfInfiniteViews} up to which challengers are fitted."));
        try
        {
            return Against(own, CrossValidation.Run(split.Views.In(challenger.View.Schema).Through(challenger), split.All, own.Options), features) with { Name = challenger.Algorithm };
        }
        catch (AggregateException several) when (several.InnerException is ChallengerMissingException missing)
        {
            return NotMeasured(missing.Message);
        }

        OpponentRecord NotMeasured(string why) => new(challenger.Algorithm, features, null, null, null, null, why);
    }

    private static OpponentRecord Against(CrossValidationResult own, CrossValidationResult other, string features) => new(
        other.Learner, features, other.Brier.Mean, other.Accuracy.Mean,
        FigureOf(FoldDifferences.Of(own, other, fold => fold.Brier)), FigureOf(FoldDifferences.Of(own, other, fold => fold.Accuracy.Value)));

    private static Figure? FigureOf(FoldDifferences? differences) =>
        differences?.Mean is { Confidence95: var interval } mean ? new Figure(mean.Mean, interval.Lower, interval.Upper) : null;
}
