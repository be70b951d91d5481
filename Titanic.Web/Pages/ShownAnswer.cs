using Titanic.Web.FeatureStore;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>What the Predict page says to a question.</summary>
/// <param name="Stored">The answer, and the view through which the model saw the question.</param>
/// <param name="Explanation">Why.</param>
/// <param name="Charts">What if.</param>
/// <param name="About">The passenger whom the question is about, where it is about somebody in particular.</param>
/// <param name="Address">The question's own, from "/".</param>
/// <param name="Site">Where this site is, as the visitor calls it: "http://localhost:5000".</param>
public sealed record ShownAnswer(
    PredictionInput Question, StoredPrediction Stored, ExplainedAnswer Explanation, IReadOnlyList<WhatIfChart> Charts, PassengerAsOf? About, string Address, string Site)
{
    public Prediction Prediction => Stored.Prediction;

    /// <summary>"Would have survived".</summary>
    public string Fate => Prediction.Survived ? "Would have survived" : "Would have died";

    /// <summary>Null where answers are not stored.</summary>
    public string? Receipt => Prediction.PredictionId > 0 ? $"/predictions/{Prediction.PredictionId}" : null;

    /// <summary>"17 of the 17 most similar passengers survived; that makes a chance of 94.7 %."</summary>
    public string Count => $"{Format.Count(Prediction.Survivors)} of the {Format.Count(Prediction.Neighbors)} most similar passengers survived; that makes a chance of {Format.Percent(Prediction.Probability)}.";
}
