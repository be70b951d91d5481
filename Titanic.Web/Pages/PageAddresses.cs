using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>Addresses that are made from more than a page's name and a route value, below the path base of the site.</summary>
public static class PageAddresses
{
    /// <inheritdoc cref="QuestionAddress.Of"/>
    public static string Prediction(this IUrlHelper url, PredictionInput input, PassengerKey? about = null) => url.Content("~" + QuestionAddress.Of(input, about));

    /// <inheritdoc cref="PredictionFilter.Address"/>
    public static string Rows(this IUrlHelper url, PredictionFilter filter, long? before = null) => url.Content("~" + filter.Address(before));

    public static string? Passenger(this IUrlHelper url, PassengerKey key) => url.Page("/Features/Passenger", new { source = key.Source, key = key.Key });
}

/// <summary>The addresses of the Predict page: each is a question.</summary>
public static class QuestionAddress
{
    /// <summary>The parameter that names whom a question is about, as <c>source/key</c>.</summary>
    public const string Passenger = "passenger";

    /// <summary>The parameter that says which chart is shown: one of <see cref="Varied"/>.</summary>
    public const string Vary = "vary";

    /// <summary>Members of the question that a chart is drawn over.</summary>
    public static IReadOnlyList<string> Varied { get; } = ["age", "fare"];

    /// <param name="about">Whom it is about, where that is somebody in particular.</param>
    /// <param name="vary">Null for the first chart.</param>
    public static string Of(PredictionInput question, PassengerKey? about = null, string? vary = null) =>
        $"/?pclass={question.Pclass}&sex={SexConverter.Format(question.Sex)}&age={Plain(question.Age)}&fare={Plain(question.Fare)}"
        + (about is null ? "" : $"&{Passenger}={Uri.EscapeDataString(about.Source)}/{Uri.EscapeDataString(about.Key)}")
        + (vary is null || vary == Varied[0] ? "" : $"&{Vary}={vary}");

    /// <summary>In plain digits, as the form takes them; empty for a missing value.</summary>
    private static string Plain(double? value) => value?.ToString("0.###############", CultureInfo.InvariantCulture) ?? "";
}
