using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>URLs that need more than a page name and a route value, including the path base of the site.</summary>
public static class PageUrls
{
    /// <summary>The URL of a prediction, with the path base.</summary>
    public static string Prediction(this IUrlHelper url, PredictionInput input, PassengerKey? passenger = null) => url.Content("~" + PredictionUrl.Of(input, passenger));

    /// <summary>The URL of a filtered list of predictions, with the path base.</summary>
    public static string Predictions(this IUrlHelper url, PredictionFilter filter, long? before = null) => url.Content("~" + filter.ToUrl(before));

    public static string? Passenger(this IUrlHelper url, PassengerKey key) => url.Page("/Features/Passenger", new { source = key.Source, key = key.Key });
}

/// <summary>URLs of the Predict page; the query string holds the inputs of a prediction.</summary>
public static class PredictionUrl
{
    /// <summary>Query parameter: the passenger whose values the inputs are, as <c>source/key</c>.</summary>
    public const string PassengerParameter = "passenger";

    /// <summary>Query parameter: the chart that is shown, one of <see cref="VariableFields"/>.</summary>
    public const string VaryParameter = "vary";

    /// <summary>The inputs that have a what-if chart.</summary>
    public static IReadOnlyList<string> VariableFields { get; } = ["age", "fare"];

    /// <summary>The path and query of a prediction, without the path base.</summary>
    /// <param name="passenger">The passenger whose values the inputs are; null for none.</param>
    /// <param name="vary">One of <see cref="VariableFields"/>; null for the first.</param>
    public static string Of(PredictionInput input, PassengerKey? passenger = null, string? vary = null) =>
        $"/?pclass={input.Pclass}&sex={SexConverter.Format(input.Sex)}&age={FormatNumber(input.Age)}&fare={FormatNumber(input.Fare)}"
        + (passenger is null ? "" : $"&{PassengerParameter}={Uri.EscapeDataString(passenger.Source)}/{Uri.EscapeDataString(passenger.Key)}")
        + (vary is null || vary == VariableFields[0] ? "" : $"&{VaryParameter}={vary}");

    /// <summary>In plain digits without an exponent, as the form requires; empty for a missing value.</summary>
    private static string FormatNumber(double? value) => value?.ToString("0.###############", CultureInfo.InvariantCulture) ?? "";
}
