using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training;

/// <summary>
/// A training dataset in the folds in which every person has a fixed place (<see cref="PersonSplit.FoldOf"/>): two models of different
/// datasets that are fitted without the same fold have both never met its people, whatever else they learned.
/// </summary>
/// <param name="Views">Whose features the points hold.</param>
public sealed record PersonFolds(SideBySide Views, IReadOnlyList<PersonFold> Folds)
{
    public static PersonFolds Of(TrainingPoints dataset)
    {
        var views = new SideBySide(dataset.Views);
        return new PersonFolds(views, [.. Enumerable.Range(0, PersonSplit.Folds).Select(fold => new PersonFold(
            views.PointsOf(dataset.Points.Where(point => point.Fold != fold)), views.PointsOf(dataset.Points.Where(point => point.Fold == fold))))]);
    }
}

/// <param name="Others">The rows of everybody else.</param>
/// <param name="Rows">The rows of the fold's people.</param>
public sealed record PersonFold(LabelledPoints Others, LabelledPoints Rows);
