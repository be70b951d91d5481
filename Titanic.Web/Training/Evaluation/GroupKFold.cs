using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// A training dataset split into folds by person, as scikit-learn's <c>GroupKFold</c>. Each person has a fixed fold
/// (<see cref="PersonSplit.FoldOf"/>), in every dataset. Two models of different datasets that are fitted without the same fold have
/// therefore both not been fitted on its persons.
/// </summary>
/// <param name="Views">The feature views whose features the points contain.</param>
/// <param name="Folds">One entry per fold, by fold number.</param>
public sealed record GroupKFold(MultiViewDataset Views, IReadOnlyList<GroupFold> Folds)
{
    /// <summary>Splits the rows of a training dataset by the fold number of each point.</summary>
    public static GroupKFold Of(TrainingPoints dataset)
    {
        var views = new MultiViewDataset(dataset.Views);
        return new GroupKFold(views, [.. Enumerable.Range(0, PersonSplit.Folds).Select(fold => new GroupFold(
            views.ToSamples(dataset.Points.Where(point => point.Fold != fold)), views.ToSamples(dataset.Points.Where(point => point.Fold == fold))))]);
    }
}

/// <summary>One fold: its rows and all other rows.</summary>
/// <param name="Training">The rows of all other folds, to fit.</param>
/// <param name="Testing">The rows of this fold, to predict.</param>
public sealed record GroupFold(WeightedSamples Training, WeightedSamples Testing);

/// <summary>
/// A learner fitted once for each fold, on the rows of the other folds (cross-fitting). Together the models predict every row, and no row
/// is predicted by a model that was fitted on the same person. Within a fold all rows are predicted by one fixed model, as McNemar's test
/// requires.
/// </summary>
/// <param name="View">The feature view of the models.</param>
/// <param name="Models">One model per fold, by fold number.</param>
public sealed record CrossFit(FeatureViewSchema View, IReadOnlyList<IClassifier> Models)
{
    /// <summary>Fits the learner once for each fold.</summary>
    /// <param name="learner">The learner to fit.</param>
    /// <param name="view">The feature view of the learner.</param>
    /// <param name="folds">The training dataset of the learner; contains the view, alone or with others.</param>
    /// <param name="progress">Counts the folds.</param>
    /// <exception cref="TrainingFailedException">The learner cannot be fitted on the rows without a fold.</exception>
    public static CrossFit Fit(ILearner learner, FeatureViewSchema view, GroupKFold folds, StepProgress? progress = null)
    {
        var slice = folds.Views.Slice(view);
        var models = new List<IClassifier>(folds.Folds.Count);
        foreach (var fold in folds.Folds)
        {
            models.Add(learner.Fit(slice.Project(fold.Training)));
            progress?.Add();
        }
        return new CrossFit(view, models);
    }

    /// <summary>Predicts every row with the model that was fitted without the row's fold.</summary>
    /// <param name="folds">The rows to predict, of this or another dataset; contains the models' view, alone or with others.</param>
    /// <returns>
    /// One entry per distinct point and outcome, fold by fold in the order of <see cref="HoldOut.Score"/>; the same rows always have the
    /// same order.
    /// </returns>
    public List<ScoredRow> Score(GroupKFold folds)
    {
        var slice = folds.Views.Slice(View);
        return [.. folds.Folds.SelectMany((fold, number) => HoldOut.Score(slice.Adapt(Models[number]), fold.Testing))];
    }
}
