using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// A training dataset in the folds in which every person has a fixed place (<see cref="PersonSplit.FoldOf"/>): two models of different
/// datasets that are fitted without the same fold have both never met its people, whatever else they learned.
/// </summary>
/// <param name="Views">Whose features the points hold.</param>
public sealed record GroupKFold(MultiViewDataset Views, IReadOnlyList<GroupFold> Folds)
{
    public static GroupKFold Of(TrainingPoints dataset)
    {
        var views = new MultiViewDataset(dataset.Views);
        return new GroupKFold(views, [.. Enumerable.Range(0, PersonSplit.Folds).Select(fold => new GroupFold(
            views.PointsOf(dataset.Points.Where(point => point.Fold != fold)), views.PointsOf(dataset.Points.Where(point => point.Fold == fold))))]);
    }
}

/// <param name="Others">The rows of everybody else.</param>
/// <param name="Rows">The rows of the fold's people.</param>
public sealed record GroupFold(WeightedSamples Others, WeightedSamples Rows);

/// <summary>
/// A learner fitted once for each fold of people, without them: together the fits answer everybody, and nobody is answered by one that has
/// learned them. Rows of one fold are answered by one fixed model each, which is what McNemar's test asks for.
/// </summary>
/// <param name="View">Whose features the models see.</param>
/// <param name="Models">By fold.</param>
public sealed record CrossFit(FeatureViewSchema View, IReadOnlyList<IClassifier> Models)
{
    /// <param name="own">What the learner learns, read through its view, alone or beside others.</param>
    /// <exception cref="TrainingRefusedException">The learner refuses what is left without a fold.</exception>
    public static CrossFit Of(ILearner learner, FeatureViewSchema view, GroupKFold own)
    {
        var slice = own.Views.In(view);
        return new CrossFit(view, [.. own.Folds.Select(fold => learner.Fit(slice.Of(fold.Others)))]);
    }

    /// <summary>Answers fold by fold, in the points' order, victims before survivors: for the same rows always the same order.</summary>
    /// <param name="asked">Read through the models' view, alone or beside others; may be another dataset than the one that was learned.</param>
    public List<ScoredRow> Score(GroupKFold asked)
    {
        var slice = asked.Views.In(View);
        return [.. asked.Folds.SelectMany((fold, number) => HoldOut.Score(slice.Through(Models[number]), fold.Rows))];
    }
}
