using Titanic.Web.FeatureStore;
using Titanic.Web.Training;

namespace Titanic.Web.Serving;

/// <summary>
/// What the model would say for every value of one member of the question: for the passenger who was asked about, and for others who differ
/// from them in one thing more. The lines of a chart.
/// </summary>
/// <param name="Member">The member that moves: age or fare.</param>
/// <param name="Asked">As it was asked; null where it is unknown.</param>
/// <param name="Values">In order, a missing one first; the one that was asked is among them.</param>
/// <param name="AskedAt">Its place among <paramref name="Values"/>.</param>
public sealed record WhatIfLines(string Member, double? Asked, IReadOnlyList<AxisValue> Values, int AskedAt, IReadOnlyList<WhatIfLine> Lines)
{
    /// <summary>Over the ages, for women and men.</summary>
    /// <param name="model">The version that gave the answer.</param>
    public static WhatIfLines OverAge(ServedModel model, Prediction prediction) => Of(model, prediction, "age", prediction.AgeInYears, "sex");

    /// <summary>Over the ticket prices, in each class.</summary>
    /// <inheritdoc cref="OverAge"/>
    public static WhatIfLines OverFare(ServedModel model, Prediction prediction) => Of(model, prediction, "fare", prediction.FareInPounds, "pclass");

    private static WhatIfLines Of(ServedModel model, Prediction prediction, string member, double? asked, string compared)
    {
        var point = prediction.PointIn(model.View);
        var (moving, comparing) = (PlaceOf(member, model.View), PlaceOf(compared, model.View));
        var (values, askedAt) = WithAsked(model.View, moving, point[moving], asked);
        return new WhatIfLines(member, asked, values, askedAt, [.. model.View.Axes[comparing].Values.Select(kind =>
        {
            var moved = (double[])point.Clone();
            moved[comparing] = kind.Code;
            return new WhatIfLine(kind.Name, kind.Code == point[comparing], [.. values.Select(value =>
            {
                moved[moving] = value.Code;
                return model.Answer(moved);
            })]);
        })]);
    }

    private static int PlaceOf(string member, ITrainingView view) => view.Axes.ToList().FindIndex(axis => axis.Question == member);

    /// <summary>The axis of a view without end is a fixed choice of values, among which what was asked need not be.</summary>
    private static (IReadOnlyList<AxisValue> Values, int AskedAt) WithAsked(ITrainingView view, int feature, double code, double? asked)
    {
        var values = view.Axes[feature].Values.ToList();
        var place = values.FindIndex(value => value.Code == code);
        if (place >= 0)
            return (values, place);
        place = asked is null ? 0 : values.Count(value => value.Lowest < asked);
        values.Insert(place, new AxisValue(code, asked is null ? $"unknown, counts as {view.NameOf(feature, code)}" : view.NameOf(feature, code), "", asked, asked));
        return (values, place);
    }
}

/// <param name="Name">"female", "1st class".</param>
/// <param name="IsAsked">Whether this is the passenger who was asked about.</param>
/// <param name="Answers">One for each value.</param>
public sealed record WhatIfLine(string Name, bool IsAsked, IReadOnlyList<ClassPrediction> Answers);
