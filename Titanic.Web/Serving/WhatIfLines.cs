using Titanic.Web.FeatureStore;
using Titanic.Web.Training;

namespace Titanic.Web.Serving;

/// <summary>
/// Individual conditional expectation (ICE) lines: the predictions for every value of one field, for the requested passenger and for
/// passengers that differ in one other field. Drawn as the lines of a chart. Goldstein et al. (2015), "Peeking Inside the Black Box",
/// Journal of Computational and Graphical Statistics 24(1), doi:10.1080/10618600.2014.907095.
/// </summary>
/// <param name="Field">The field that varies: age or fare.</param>
/// <param name="RequestedValue">The requested value of the field; null for unknown.</param>
/// <param name="Values">The values in ascending order, a missing one first; the requested value is among them.</param>
/// <param name="RequestedIndex">The index of the requested value in <paramref name="Values"/>.</param>
/// <param name="Lines">One line for each value of the other field.</param>
public sealed record WhatIfLines(string Field, double? RequestedValue, IReadOnlyList<AxisValue> Values, int RequestedIndex, IReadOnlyList<WhatIfLine> Lines)
{
    /// <summary>Lines over the age, one for each sex.</summary>
    /// <param name="model">The version that made the prediction.</param>
    /// <param name="prediction">The prediction for the requested passenger.</param>
    public static WhatIfLines OverAge(LoadedModel model, Prediction prediction) =>
        Of(model, prediction, "age", prediction.AgeInYears, "sex");

    /// <summary>Lines over the fare, one for each class.</summary>
    /// <inheritdoc cref="OverAge"/>
    public static WhatIfLines OverFare(LoadedModel model, Prediction prediction) =>
        Of(model, prediction, "fare", prediction.FareInPounds, "pclass");

    private static WhatIfLines Of(LoadedModel model, Prediction prediction, string field, double? requested, string comparedField)
    {
        var point = prediction.PointIn(model.View);
        var (varied, comparedFeature) = (IndexOf(field, model.View), IndexOf(comparedField, model.View));
        var (values, requestedIndex) = WithRequestedValue(model.View, varied, point[varied], requested);
        return new WhatIfLines(field, requested, values, requestedIndex, [.. model.View.Axes[comparedFeature].Values.Select(other =>
        {
            var changed = (double[])point.Clone();
            changed[comparedFeature] = other.Code;
            return new WhatIfLine(other.Name, other.Code == point[comparedFeature], [.. values.Select(value =>
            {
                changed[varied] = value.Code;
                return model.Predict(changed);
            })]);
        })]);
    }

    private static int IndexOf(string field, ITrainingView view) => view.Axes.ToList().FindIndex(axis => axis.InputField == field);

    /// <summary>The values of the axis, with the requested value inserted in order: the axis of an infinite view is a fixed grid.</summary>
    private static (IReadOnlyList<AxisValue> Values, int RequestedIndex) WithRequestedValue(ITrainingView view, int feature, double code, double? requested)
    {
        var values = view.Axes[feature].Values.ToList();
        var index = values.FindIndex(value => value.Code == code);
        if (index >= 0)
            return (values, index);
        index = requested is null ? 0 : values.Count(value => value.Lowest < requested);
        var name = requested is null ? $"unknown, imputed as {view.NameOf(feature, code)}" : view.NameOf(feature, code);
        values.Insert(index, new AxisValue(code, name, "", requested, requested));
        return (values, index);
    }
}

/// <summary>One line of <see cref="WhatIfLines"/>.</summary>
/// <param name="Name">The value of the other field, such as "female" or "1st class".</param>
/// <param name="IsRequested">True for the line of the requested passenger.</param>
/// <param name="Predictions">The predictions, one for each of <see cref="WhatIfLines.Values"/>.</param>
public sealed record WhatIfLine(string Name, bool IsRequested, IReadOnlyList<ClassPrediction> Predictions);
