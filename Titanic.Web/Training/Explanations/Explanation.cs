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
    ClassPrediction Answer,
    IReadOnlyList<NeighborInput> Neighbors,
    Counterfactual? Change,
    bool IsComplete,
    IReadOnlyList<Sensitivity> Sensitivities,
    MinimalRemovalSet? Removal)
{
    /// <param name="view">What the model learned through.</param>
    /// <param name="answer">Gives the model's own answers.</param>
    public static Explanation Of(KnnModel model, ITrainingView view, AnswerTo answer, double[] point)
    {
        var groups = new DistanceGroups(model, point);
        var said = answer(point);
        return new Explanation(
            point, said,
            VotingNeighbors.Of(groups, model.Options),
            Counterfactual.Find(model, view.Axes, answer, point), view.AllPoints is not null,
            Sensitivity.Of(view.Axes, answer, point),
            MinimalRemovalSet.Find(groups, model.Options, model.Training.Rows, said.Survived));
    }
}

/// <summary>A model's answer to an encoded point, by whichever way is quickest: a decision table or a search.</summary>
public delegate ClassPrediction AnswerTo(ReadOnlySpan<double> point);

/// <summary>What the model would answer for every value of one feature while the others stay as they were asked.</summary>
public sealed record Sensitivity(FeatureAxis Axis, IReadOnlyList<WhatIf> Values)
{
    /// <summary>One for each feature, in the order of the view's features.</summary>
    internal static IReadOnlyList<Sensitivity> Of(IReadOnlyList<FeatureAxis> axes, AnswerTo answer, double[] point)
    {
        var moved = (double[])point.Clone();
        var sensitivities = new Sensitivity[axes.Count];
        for (var feature = 0; feature < axes.Count; feature++)
        {
            sensitivities[feature] = new Sensitivity(axes[feature], [.. axes[feature].Values.Select(value =>
            {
                moved[feature] = value.Code;
                return new WhatIf(value, value.Code == point[feature], answer(moved));
            })]);
            moved[feature] = point[feature];
        }
        return sensitivities;
    }
}

/// <param name="IsAsked">Whether this is the value that was asked.</param>
public sealed record WhatIf(AxisValue Value, bool IsAsked, ClassPrediction Answer);
