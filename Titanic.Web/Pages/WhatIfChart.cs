using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>A what-if chart and the table behind it: a line for each kind of passenger, a row for each value.</summary>
/// <param name="Axis">"Age in years".</param>
/// <param name="Thing">What moves, in a sentence: "age", "ticket price".</param>
/// <param name="End">Where the axis ends, in the unit.</param>
public sealed record WhatIfChart(WhatIfLines Told, PredictionInput Question, string Axis, string Thing, double End)
{
    /// <summary>Hardly anybody on board was older, and few tickets cost more: an axis ends there unless something else was asked.</summary>
    private const double LastYear = 80, LastPound = 350;

    public static IReadOnlyList<WhatIfChart> Of(ServedModel model, Prediction prediction, PredictionInput question) =>
    [
        Of(WhatIfLines.OverAge(model, prediction), question, "Age in years", "age", LastYear),
        Of(WhatIfLines.OverFare(model, prediction), question, "Ticket price in pounds", "ticket price", LastPound),
    ];

    public WhatIfLine Asked => Told.Lines.Single(line => line.IsAsked);

    /// <summary>The chart in a sentence.</summary>
    public string Summary
    {
        get
        {
            var answers = Asked.Answers.Select((answer, i) => (answer.Probability, Told.Values[i].Name)).ToList();
            var (least, most) = (answers.MinBy(answer => answer.Probability), answers.MaxBy(answer => answer.Probability));
            return least.Probability == most.Probability
                ? $"Whatever the {Thing}, the chance would be {Format.Percent(most.Probability)}."
                : $"By {Thing} alone the chance would go from {Format.Percent(least.Probability)} ({least.Name}) to {Format.Percent(most.Probability)} ({most.Name}).";
        }
    }

    /// <summary>Why the question is not marked; null where it is.</summary>
    public string? NoMark => Told.Asked is null
        ? $"The {Thing} is unknown, which has no place on the axis: as asked, the chance is {Format.Percent(Asked.Answers[Told.AskedAt].Probability)}."
        : null;

    /// <summary>The question with the nearest value to what was asked that counts as this one.</summary>
    public string AddressOf(AxisValue value) => QuestionAddress.Of(Question.With(Told.Member, value), null, Told.Member);

    /// <summary>A number for the script that draws; null for none.</summary>
    public static string? Plain(double? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static WhatIfChart Of(WhatIfLines told, PredictionInput question, string axis, string thing, double last)
    {
        var grid = told.Values.Max(value => value.Highest == value.Lowest ? value.Highest : null) ?? 0; // bins are cut at the end, single values are not
        return new WhatIfChart(told, question, axis, thing, Math.Max(Math.Max(last, grid), told.Asked ?? 0));
    }
}
