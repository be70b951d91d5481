using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>
/// A what-if chart and its data table: the probability of survival for each value of one input (rows) and each value of another (lines),
/// all other inputs unchanged.
/// </summary>
/// <param name="Question">The inputs of the prediction.</param>
/// <param name="Axis">The label of the axis: "Age in years".</param>
/// <param name="Thing">The varied input within a sentence: "age", "ticket price".</param>
/// <param name="End">The end of the axis, in its unit.</param>
public sealed record WhatIfChart(WhatIfLines Told, PredictionInput Question, string Axis, string Thing, double End)
{
    /// <summary>Few passengers were older and few tickets cost more. An axis ends here unless the input is larger.</summary>
    private const double LastYear = 80, LastPound = 350;

    public static IReadOnlyList<WhatIfChart> Of(ServedModel model, Prediction prediction, PredictionInput question) =>
    [
        Of(WhatIfLines.OverAge(model, prediction), question, "Age in years", "age", LastYear),
        Of(WhatIfLines.OverFare(model, prediction), question, "Ticket price in pounds", "ticket price", LastPound),
    ];

    public WhatIfLine Asked => Told.Lines.Single(line => line.IsAsked);

    /// <summary>The range of the probability, as a sentence.</summary>
    public string Summary
    {
        get
        {
            var points = Asked.Answers.Select((prediction, i) => (prediction.Probability, Told.Values[i].Name)).ToList();
            var (least, most) = (points.MinBy(point => point.Probability), points.MaxBy(point => point.Probability));
            return least.Probability == most.Probability
                ? $"The {Thing} has no effect: the probability of survival is {Format.Percent(most.Probability)} for every value."
                : $"If only the {Thing} changes, the probability of survival ranges from {Format.Percent(least.Probability)} ({least.Name}) "
                + $"to {Format.Percent(most.Probability)} ({most.Name}).";
        }
    }

    /// <summary>Why the input is not marked in the chart; null if it is.</summary>
    public string? NoMark => Told.Asked is null
        ? $"The {Thing} is unknown, so the chart does not mark your input; its probability of survival is {Format.Percent(Asked.Answers[Told.AskedAt].Probability)}."
        : null;

    /// <summary>The URL of the inputs with this value; within a bin, with the value nearest to the current one.</summary>
    public string AddressOf(AxisValue value) => QuestionAddress.Of(Question.With(Told.Member, value), null, Told.Member);

    /// <summary>A number for the data attributes that <c>what-if-chart.js</c> reads; null for a missing value.</summary>
    public static string? Plain(double? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static WhatIfChart Of(WhatIfLines told, PredictionInput question, string axis, string thing, double last)
    {
        // The last bin is cut at the end of the axis, single values are not.
        var grid = told.Values.Max(value => value.Highest == value.Lowest ? value.Highest : null) ?? 0;
        return new WhatIfChart(told, question, axis, thing, Math.Max(Math.Max(last, grid), told.Asked ?? 0));
    }
}
