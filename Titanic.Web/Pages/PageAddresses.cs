using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>URLs that need more than a page name and a route value, including the path base of the site.</summary>
public static class PageAddresses
{
    /// <inheritdoc cref="QuestionAddress.Of"/>
    public static string Prediction(this IUrlHelper url, PredictionInput input, PassengerKey? about = null) => url.Content("~" + QuestionAddress.Of(input, about));

    /// <inheritdoc cref="PredictionFilter.Address"/>
    public static string Rows(this IUrlHelper url, PredictionFilter filter, long? before = null) => url.Content("~" + filter.Address(before));

    public static string? Passenger(this IUrlHelper url, PassengerKey key) => url.Page("/Features/Passenger", new { source = key.Source, key = key.Key });
}

/// <summary>URLs of the Predict page; the query string holds the inputs of a prediction.</summary>
public static class QuestionAddress
{
    /// <summary>Query parameter: the passenger whose values the inputs are, as <c>source/key</c>.</summary>
    public const string Passenger = "passenger";

    /// <summary>Query parameter: the chart that is shown, one of <see cref="Varied"/>.</summary>
    public const string Vary = "vary";

    /// <summary>The inputs that have a what-if chart.</summary>
    public static IReadOnlyList<string> Varied { get; } = ["age", "fare"];

    /// <summary>The path and query of a prediction, without the path base.</summary>
    /// <param name="about">The passenger whose values the inputs are; null for none.</param>
    /// <param name="vary">One of <see cref="Varied"/>; null for the first.</param>
    public static string Of(PredictionInput question, PassengerKey? about = null, string? vary = null) =>
        $"/?pclass={question.Pclass}&sex={SexConverter.Format(question.Sex)}&age={Plain(question.Age)}&fare={Plain(question.Fare)}"
        + (about is null ? "" : $"&{Passenger}={Uri.EscapeDataString(about.Source)}/{Uri.EscapeDataString(about.Key)}")
        + (vary is null || vary == Varied[0] ? "" : $"&{Vary}={vary}");

    /// <summary>In plain digits without an exponent, as the form requires; empty for a missing value.</summary>
    private static string Plain(double? value) => value?.ToString("0.###############", CultureInfo.InvariantCulture) ?? "";
}
