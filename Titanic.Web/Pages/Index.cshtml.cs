using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>
/// The Predict page. The URL holds the state: without a query string the page shows the form, with one it makes and stores a prediction.
/// HEAD requests make no prediction, and prefetch requests are rejected with 503.
/// </summary>
[EnableRateLimiting(RateLimits.Predicting)]
public sealed class PredictModel(Predictor predictor, ChampionCache champion, Explainer explainer, ExamplePassengers examples, PassengerHistory history) : PageModel
{
    public PredictionForm Form { get; private set; } = null!;

    /// <summary>Null if the form was not submitted or is invalid, or if there is no champion.</summary>
    public DisplayedPrediction? Result { get; private set; }

    /// <summary>Null without a champion.</summary>
    public ExamplePredictions? Examples { get; private set; }

    /// <summary>The feature view of the champion; null until a first version has been promoted.</summary>
    public ITrainingView? View { get; private set; }

    public bool HasChampion => View is not null;

    public bool HasErrors => Form.InvalidFields.Count > 0;

    /// <summary>The what-if chart that is shown: one of <see cref="PredictionUrl.VariableFields"/>. Default: the first.</summary>
    public string SelectedChart => PredictionUrl.VariableFields.FirstOrDefault(name => name == Request.Query[PredictionUrl.VaryParameter]) ?? PredictionUrl.VariableFields[0];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        var isSubmitted = PredictionForm.IsSubmitted(Request.Query);
        if (isSubmitted && IsPrefetch)
            return StatusCode(StatusCodes.Status503ServiceUnavailable);
        var model = champion.Current ?? await champion.Reload(cancellationToken);
        View = model?.View;
        Form = isSubmitted ? PredictionForm.Read(model?.Signature.Inputs, Request.Query) : PredictionForm.Initial(model?.Signature.Inputs);
        if (HasErrors)
            Response.StatusCode = StatusCodes.Status400BadRequest;
        else if (Form.Input is { } input && model is not null && !HttpMethods.IsHead(Request.Method))
            model = await Predict(input, cancellationToken);
        if (model is not null)
            Examples = await examples.Of(model, cancellationToken);
        return Page();
    }

    private async Task<LoadedModel> Predict(PredictionInput input, CancellationToken cancellation)
    {
        var result = await predictor.PredictAsync(new[] { input }, PredictionSources.Page, new PredictionOptions(explainer), cancellation);
        var (model, prediction) = (result.Model, result.Predictions[0]);
        View = model.View;
        var passenger = await FindPassenger(prediction, cancellation);
        Result = new DisplayedPrediction(
            input, new PredictionWithView(prediction, model.View), result.Explanations![0], WhatIfChart.Of(model, prediction, input),
            passenger, PredictionUrl.Of(input, passenger?.Key, SelectedChart), $"{Request.Scheme}://{Request.Host}{Request.PathBase}");
        return model;
    }

    /// <summary>
    /// The passenger named in the URL, if the current row of that passenger has the values of the prediction; otherwise null.
    /// </summary>
    private async Task<PassengerAsOf?> FindPassenger(Prediction prediction, CancellationToken cancellation)
    {
        if (PassengerKey.Parse(Request.Query[PredictionUrl.PassengerParameter]) is not { } key)
            return null;
        var row = (await history.Versions(key, cancellation)).FirstOrDefault(version => version.SupersededBy is null);
        if (row is null || (row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds) != (prediction.Pclass, prediction.Sex, prediction.AgeInYears, prediction.FareInPounds))
            return null;
        return new PassengerAsOf(row, (await history.Outcomes([row], cancellation)).FirstOrDefault(outcome => outcome.SupersededBy is null));
    }

    /// <summary>Browsers mark prefetch requests with one of these headers; X-Moz and Purpose are the older ones.</summary>
    private bool IsPrefetch => ((string[])["Sec-Purpose", "Purpose", "X-Moz"])
        .Any(header => Request.Headers[header].ToString().Contains("prefetch", StringComparison.OrdinalIgnoreCase));
}

/// <summary>A prediction as the Predict page shows it.</summary>
/// <param name="Stored">The prediction and the feature view of the model.</param>
/// <param name="Passenger">The passenger whose values the inputs are; null for none.</param>
/// <param name="Path">The path and query of the prediction, without the path base.</param>
/// <param name="BaseUrl">The base URL of the current request, without a trailing slash: "http://localhost:5000".</param>
public sealed record DisplayedPrediction(
    PredictionInput Input, PredictionWithView Stored, ExplanationResponse Explanation, IReadOnlyList<WhatIfChart> Charts, PassengerAsOf? Passenger, string Path, string BaseUrl)
{
    public Prediction Prediction => Stored.Prediction;

    /// <summary>"Prediction: survived".</summary>
    public string Heading => Prediction.Survived ? "Prediction: survived" : "Prediction: died";

    /// <summary>False where predictions are not stored.</summary>
    public bool IsStored => Prediction.PredictionId > 0;

    /// <summary>"17 of 17 nearest neighbors survived. Probability of survival: 94.7%."</summary>
    public string Summary =>
        $"{Format.Count(Prediction.Survivors)} of {Quantity.Of(Prediction.Neighbors, "nearest neighbor")} survived. "
        + $"Probability of survival: {Format.Percent(Prediction.Probability)}.";
}
