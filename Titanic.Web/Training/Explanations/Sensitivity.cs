using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Explanations;

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
public sealed record WhatIf(AxisValue Value, bool IsAsked, KnnAnswer Answer);
