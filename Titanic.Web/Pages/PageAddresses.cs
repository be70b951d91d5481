using Microsoft.AspNetCore.Mvc;
using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring;
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
