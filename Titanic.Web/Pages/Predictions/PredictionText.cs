using Titanic.Web.Monitoring;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Feedback;

namespace Titanic.Web.Pages.Predictions;

/// <summary>The text of a prediction's source, inputs, outcome and feedback, alike on every page.</summary>
public static class PredictionText
{
    /// <param name="source">One of <see cref="PredictionSources"/>.</param>
    public static string Source(string source) => source switch
    {
        PredictionSources.Page => "Page",
        PredictionSources.Api => "API",
        PredictionSources.Batch => "Batch",
        _ => source,
    };

    /// <summary>"1st class, female, 29 years, fare £100".</summary>
    public static string Inputs(Prediction prediction) =>
        Format.Inputs(prediction.Pclass, SexConverter.Format(prediction.Sex), prediction.AgeInYears, prediction.FareInPounds);

    /// <param name="outcome">One of <see cref="PredictionFilter.Outcomes"/>.</param>
    public static string Outcome(string outcome) => outcome switch
    {
        PredictionFilter.TrueNegative => "died, predicted died",
        PredictionFilter.FalsePositive => "died, predicted survived",
        PredictionFilter.FalseNegative => "survived, predicted died",
        PredictionFilter.TruePositive => "survived, predicted survived",
        PredictionFilter.Correct => "correct",
        PredictionFilter.Incorrect => "wrong",
        PredictionFilter.Known => "outcome known",
        _ => "outcome unknown",
    };

    /// <param name="kind">One of <see cref="FeedbackKinds"/>.</param>
    public static string Feedback(string kind) => kind == FeedbackKinds.Odd ? "unexpected" : kind;
}
