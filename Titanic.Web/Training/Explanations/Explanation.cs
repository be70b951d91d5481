using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Explanations;

/// <summary>Why a model answered as it did, from nothing but the model itself.</summary>
/// <param name="Neighbors">The inputs whose rows voted, nearest first.</param>
/// <param name="Change">Null when no change of inputs turns the answer.</param>
/// <param name="IsComplete">Whether every possible input was looked at for <paramref name="Change"/>; else a fixed grid was.</param>
/// <param name="Removal">Null when no removal of rows turns the answer.</param>
public sealed record Explanation(
    double[] Point,
    KnnAnswer Answer,
    IReadOnlyList<NeighborInput> Neighbors,
    SmallestChange? Change,
    bool IsComplete,
    IReadOnlyList<Sensitivity> Sensitivities,
    SmallestRemoval? Removal)
{
    /// <param name="view">What the model learned through.</param>
    /// <param name="answer">Gives the model's own answers.</param>
    public static Explanation Of(KnnModel model, ITrainingView view, AnswerTo answer, double[] point)
    {
        var rings = new Rings(model, point);
        var said = answer(point);
        return new Explanation(
            point, said,
            Voters.Of(rings, model.Options),
            SmallestChange.Find(model, view.Axes, answer, point), view.AllPoints is not null,
            Sensitivity.Of(view.Axes, answer, point),
            SmallestRemoval.Find(rings, model.Options, model.Training.Rows, said.Survived));
    }
}
