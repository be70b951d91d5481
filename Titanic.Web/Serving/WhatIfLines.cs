using Titanic.Web.FeatureStore;
using Titanic.Web.Training;

namespace Titanic.Web.Serving;

/// <summary>
/// Individual conditional expectation (ICE) lines: the predictions for every value of one field, for the requested passenger and for
/// passengers that differ in one other field. Drawn as the lines of a chart. Goldstein et al. (2015), "Peeking Inside the Black Box",
/// Journal of Computational and Graphical Statistics 24(1), doi:10.1080/10618600.2014.907095.
/// </summary>
/// <param name="Member">The field that varies: age or fare.</param>
/// <param name="Asked">The requested value of the field; null for unknown.</param>
/// <param name="Values">The values in ascending order, a missing one first; the requested value is among them.</param>
/// <param name="AskedAt">The index of the requested value in <paramref name="Values"/>.</param>
/// <param name="Lines">One line for each value of the other field.</param>
public sealed record WhatIfLines(string Member, double? Asked, IReadOnlyList<AxisValue> Values, int AskedAt, IReadOnlyList<WhatIfLine> Lines)
{
    /// <summary>Lines over the age, one for each sex.</summary>
    /// <param name="model">The version that made the prediction.</param>
    /// <param name="prediction">The prediction for the requested passenger.</param>
    public static WhatIfLines OverAge(ServedModel model, Prediction prediction) =>
        Of(model, prediction, "age", prediction.AgeInYears, "sex");

    /// <summary>Lines over the fare, one for each class.</summary>
    /// <inheritdoc cref="OverAge"/>
    public static WhatIfLines OverFare(ServedModel model, Prediction prediction) =>
        Of(model, prediction, "fare", prediction.FareInPounds, "pclass");

    private static WhatIfLines Of(ServedModel model, Prediction prediction, string member, double? asked, string compared)
    {
        var point = prediction.PointIn(model.View);
        var (varied, comparedFeature) = (PlaceOf(member, model.View), PlaceOf(compared, model.View));
        var (values, requestedIndex) = WithAsked(model.View, varied, point[varied], asked);
        return new WhatIfLines(member, asked, values, requestedIndex, [.. model.View.Axes[comparedFeature].Values.Select(other =>
        {
            var changed = (double[])point.Clone();
            changed[comparedFeature] = other.Code;
            return new WhatIfLine(other.Name, other.Code == point[comparedFeature], [.. values.Select(value =>
            {
                changed[varied] = value.Code;
                return model.Answer(changed);
            })]);
        })]);
    }

    private static int PlaceOf(string member, ITrainingView view) => view.Axes.ToList().FindIndex(axis => axis.Question == member);

    /// <summary>The values of the axis, with the requested value inserted in order: the axis of an infinite view is a fixed grid.</summary>
    private static (IReadOnlyList<AxisValue> Values, int RequestedIndex) WithAsked(ITrainingView view, int feature, double code, double? asked)
    {
        var values = view.Axes[feature].Values.ToList();
        var index = values.FindIndex(value => value.Code == code);
        if (index >= 0)
            return (values, index);
        index = asked is null ? 0 : values.Count(value => value.Lowest < asked);
        var name = asked is null ? $"unknown, imputed as {view.NameOf(feature, code)}" : view.NameOf(feature, code);
        values.Insert(index, new AxisValue(code, name, "", asked, asked));
        return (values, index);
    }
}

/// <summary>One line of <see cref="WhatIfLines"/>.</summary>
/// <param name="Name">The value of the other field, such as "female" or "1st class".</param>
/// <param name="IsAsked">True for the line of the requested passenger.</param>
/// <param name="Answers">The predictions, one for each of <see cref="WhatIfLines.Values"/>.</param>
public sealed record WhatIfLine(string Name, bool IsAsked, IReadOnlyList<ClassPrediction> Answers);
