using Titanic.Web.Monitoring;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages.Predictions;

/// <summary>How pages write who asked, what, and which of the answers they list.</summary>
public static class PredictionText
{
    /// <param name="source">One of <see cref="PredictionSources"/>.</param>
    public static string AskedBy(string source) => source switch
    {
        PredictionSources.Page => "this site",
        PredictionSources.Api => "the API",
        PredictionSources.Batch => "batch inference",
        _ => source,
    };

    /// <summary>"Female, class 1, 29 years, ticket £100".</summary>
    public static string Question(Prediction asked) =>
        $"{(asked.Sex == Sex.Female ? "Female" : "Male")}, class {asked.Pclass}, "
        + $"{(asked.AgeInYears is { } age ? $"{Format.Years(age)} years" : "age unknown")}, "
        + (asked.FareInPounds is { } fare ? $"ticket {Format.Pounds(fare)}" : "ticket price unknown");

    /// <param name="outcome">One of <see cref="PredictionFilter.Outcomes"/>.</param>
    public static string Outcome(string outcome) => outcome switch
    {
        PredictionFilter.TrueNegative => "died, as predicted",
        PredictionFilter.FalsePositive => "died, predicted to survive",
        PredictionFilter.FalseNegative => "survived, predicted to die",
        PredictionFilter.TruePositive => "survived, as predicted",
        PredictionFilter.Right => "right",
        PredictionFilter.Wrong => "wrong",
        PredictionFilter.Known => "with a known outcome",
        _ => "with an outcome that is not known",
    };
}
