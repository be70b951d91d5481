using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>
/// The Predict page. The URL is the state: without a query an empty form, with one an answer, which is stored like any other. Only a person's
/// own GET asks: looking at the headers (HEAD) does not, and a browser that reads ahead is told to come back.
/// </summary>
[EnableRateLimiting(RateLimits.Predicting)]
public sealed class IndexModel(Predictor predictor, ChampionInMemory champion, Explainer explainer, ExamplePassengers examples, PassengerHistory history) : PageModel
{
    public QuestionForm Form { get; private set; } = null!;

    /// <summary>Null while nothing was asked, or nothing can be answered.</summary>
    public ShownAnswer? Answer { get; private set; }

    /// <summary>Null where nobody is in service.</summary>
    public Examples? Examples { get; private set; }

    /// <summary>What the model in service sees of a question; null until a first version has been promoted.</summary>
    public ITrainingView? View { get; private set; }

    public bool IsInService => View is not null;

    public bool IsWrong => Form.Wrong.Count > 0;

    /// <summary>The chart that is shown.</summary>
    public string Vary => QuestionAddress.Varied.FirstOrDefault(member => member == Request.Query[QuestionAddress.Vary]) ?? QuestionAddress.Varied[0];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        var isAsked = QuestionForm.IsAsked(Request.Query);
        if (isAsked && IsPrefetch)
            return StatusCode(StatusCodes.Status503ServiceUnavailable);
        var model = champion.Current ?? await champion.Reload(cancellationToken);
        View = model?.View;
        Form = isAsked ? QuestionForm.Read(model?.Signature.Inputs, Request.Query) : QuestionForm.Start(model?.Signature.Inputs);
        if (IsWrong)
            Response.StatusCode = StatusCodes.Status400BadRequest;
        else if (Form.Input is { } input && model is not null && !HttpMethods.IsHead(Request.Method))
            model = await Predict(input, cancellationToken);
        if (model is not null)
            Examples = await examples.Of(model, cancellationToken);
        return Page();
    }

    private async Task<ServedModel> Predict(PredictionInput input, CancellationToken cancellation)
    {
        var result = await predictor.PredictAsync(new[] { input }, PredictionSources.Page, new PredictionOptions(explainer), cancellation);
        var (model, prediction) = (result.Model, result.Predictions[0]);
        View = model.View;
        var about = await About(prediction, cancellation);
        Answer = new ShownAnswer(
            input, new StoredPrediction(prediction, model.View), result.Explanations![0], WhatIfChart.Of(model, prediction, input),
            about, QuestionAddress.Of(input, about?.Key, Vary), $"{Request.Scheme}://{Request.Host}{Request.PathBase}");
        return model;
    }

    /// <summary>The passenger whom the address names, if they are, as they stand now, the one who was asked about.</summary>
    private async Task<PassengerAsOf?> About(Prediction asked, CancellationToken cancellation)
    {
        if (PassengerKey.Parse(Request.Query[QuestionAddress.Passenger]) is not { } key)
            return null;
        var row = (await history.Versions(key, cancellation)).FirstOrDefault(version => version.SupersededBy is null);
        if (row is null || (row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds) != (asked.Pclass, asked.Sex, asked.AgeInYears, asked.FareInPounds))
            return null;
        return new PassengerAsOf(row, (await history.Outcomes([row], cancellation)).FirstOrDefault(outcome => outcome.SupersededBy is null));
    }

    /// <summary>By the browser's word, old or new.</summary>
    private bool IsPrefetch => ((string[])["Sec-Purpose", "Purpose", "X-Moz"])
        .Any(header => Request.Headers[header].ToString().Contains("prefetch", StringComparison.OrdinalIgnoreCase));
}

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

    /// <summary>False where predictions are not stored.</summary>
    public bool IsStored => Prediction.PredictionId > 0;

    /// <summary>"17 of the 17 most similar passengers survived; that makes a chance of 94.7 %."</summary>
    public string Count => $"{Format.Count(Prediction.Survivors)} of the {Format.Count(Prediction.Neighbors)} most similar passengers survived; that makes a chance of {Format.Percent(Prediction.Probability)}.";
}
