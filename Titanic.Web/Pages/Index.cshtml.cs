using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages;

/// <summary>The Predict page. The URL is the state: without a query an empty form, with one an answer, which is stored like any other.</summary>
[EnableRateLimiting(RateLimits.Predicting)]
public sealed class IndexModel(Predictor predictor, ChampionInMemory champion, Explainer explainer) : PageModel
{
    private readonly Dictionary<string, string> _problems = [];

    /// <summary>As typed, so that wrong input stays where it was written. The form opens with the most frequent kind of passenger.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Pclass { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Sex { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Age { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Fare { get; set; }

    public StoredPrediction? Answer { get; private set; }

    /// <summary>Why, where there is an answer.</summary>
    public ExplainedAnswer? Explanation { get; private set; }

    /// <summary>What the model in service sees of a question; null until a first version has been promoted.</summary>
    public ITrainingView? View { get; private set; }

    public bool IsInService => View is not null;

    public bool IsWrong => _problems.Count > 0;

    /// <summary>What is wrong with a field, or null.</summary>
    public string? Problem(string field) => _problems.GetValueOrDefault(field);

    /// <summary>Whether this field is the first that has to be put right.</summary>
    public bool IsFirstWrong(string field) => new[] { "pclass", "sex", "age", "fare" }.FirstOrDefault(_problems.ContainsKey) == field;

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        View = (champion.Current ?? await champion.Reload(cancellationToken))?.View;
        if (!IsAsked)
        {
            (Pclass, Sex, Age, Fare) = ("3", "male", "29", "8");
            return;
        }
        var question = Read();
        if (IsWrong)
            Response.StatusCode = StatusCodes.Status400BadRequest;
        else if (IsInService)
            await Ask(question, cancellationToken);
    }

    private async Task Ask(PassengerInput question, CancellationToken cancellation)
    {
        var (model, predictions) = await predictor.Answer([question], PredictionSources.Page, cancellation);
        View = model.View;
        Answer = new StoredPrediction(predictions[0], model.View);
        Explanation = await explainer.Explain(model, predictions[0], cancellation);
    }

    private bool IsAsked => Request.Query.Keys.Any(key => key.ToLowerInvariant() is "pclass" or "sex" or "age" or "fare");

    private PassengerInput Read()
    {
        var input = new PassengerInput(
            Class(), Sex,
            Number("age", Age, "The age is", $"0 to {PassengerInput.OldestAgeInYears} years in plain digits, such as 29 or 0.5, or left empty if unknown"),
            Number("fare", Fare, "The ticket price is", $"0 to {PassengerInput.HighestFareInPounds} pounds in plain digits, such as 100 or 7.25, or left empty if unknown"));
        foreach (var (field, sentences) in input.Problems())
            _problems.TryAdd(field, sentences[0]);
        return input;
    }

    private int? Class()
    {
        var text = Pclass?.Trim();
        if (text is "1" or "2" or "3") return text[0] - '0';
        if (!string.IsNullOrEmpty(text)) _problems["pclass"] = $"The class is \"{Excerpt.OfCell(text)}\"; it must be 1, 2 or 3.";
        return null;
    }

    /// <summary>Strict, because .NET alone reads "7,25" as 725, and takes "1e3" and "NaN".</summary>
    private double? Number(string field, string? text, string subject, string allowed)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (PlainNumber.TryReadDecimal(text.Trim(), out var number)) return number;
        _problems[field] = $"{subject} \"{Excerpt.OfCell(text)}\"; it must be {allowed}.";
        return null;
    }
}
