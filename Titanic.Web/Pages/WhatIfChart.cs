using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>
/// A what-if chart and its data table: the probability of survival for each value of one input (rows) and each value of another (lines),
/// all other inputs unchanged.
/// </summary>
/// <param name="Input">The inputs of the prediction.</param>
/// <param name="Axis">The label of the axis: "Age in years".</param>
/// <param name="FieldName">The varied input within a sentence: "age", "fare".</param>
/// <param name="AxisEnd">The end of the axis, in its unit.</param>
public sealed record WhatIfChart(WhatIfLines Data, PredictionInput Input, string Axis, string FieldName, double AxisEnd)
{
    /// <summary>Few passengers were older and few tickets cost more. An axis ends here unless the input is larger.</summary>
    private const double AgeAxisEndInYears = 80, FareAxisEndInPounds = 350;

    public static IReadOnlyList<WhatIfChart> Of(LoadedModel model, Prediction prediction, PredictionInput input) =>
    [
        Of(WhatIfLines.OverAge(model, prediction), input, "Age in years", "age", AgeAxisEndInYears),
        Of(WhatIfLines.OverFare(model, prediction), input, "Fare in pounds", "fare", FareAxisEndInPounds),
    ];

    public WhatIfLine RequestedLine => Data.Lines.Single(line => line.IsRequested);

    /// <summary>The range of the probability, as a sentence.</summary>
    public string Summary
    {
        get
        {
            var points = RequestedLine.Predictions.Select((prediction, i) => (prediction.Probability, Data.Values[i].Name)).ToList();
            var (least, most) = (points.MinBy(point => point.Probability), points.MaxBy(point => point.Probability));
            return least.Probability == most.Probability
                ? $"The {FieldName} has no effect: the probability of survival is {Format.Percent(most.Probability)} for every value."
                : $"If only the {FieldName} changes, the probability of survival ranges from {Format.Percent(least.Probability)} ({least.Name}) "
                + $"to {Format.Percent(most.Probability)} ({most.Name}).";
        }
    }

    /// <summary>Why the input is not marked in the chart; null if it is.</summary>
    public string? UnknownNote => Data.RequestedValue is null
        ? $"The {FieldName} is unknown, so the chart does not mark your input; its probability of survival is {Format.Percent(RequestedLine.Predictions[Data.RequestedIndex].Probability)}."
        : null;

    /// <summary>The URL of the inputs with this value; within a bin, with the value nearest to the current one.</summary>
    public string PathOf(AxisValue value) => PredictionUrl.Of(Input.With(Data.Field, value), null, Data.Field);

    /// <summary>A number for the data attributes that <c>what-if-chart.js</c> reads; null for a missing value.</summary>
    public static string? FormatNumber(double? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static WhatIfChart Of(WhatIfLines data, PredictionInput input, string axis, string fieldName, double minimumAxisEnd)
    {
        // The last bin is cut at the end of the axis, single values are not.
        var grid = data.Values.Max(value => value.Highest == value.Lowest ? value.Highest : null) ?? 0;
        return new WhatIfChart(data, input, axis, fieldName, Math.Max(Math.Max(minimumAxisEnd, grid), data.RequestedValue ?? 0));
    }
}
