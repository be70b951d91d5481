using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Pages.Models;

/// <summary>Says what a paired difference between two learners, or two versions, means.</summary>
public static class ComparisonText
{
    /// <summary>"+0.0093 (+0.0012 to +0.0174)".</summary>
    public static string Difference(MetricValue? difference) => difference is null
        ? Format.Nothing
        : $"{Format.Difference(difference.Value)} ({Format.Difference(difference.Low)} to {Format.Difference(difference.High)})";

    /// <summary>Nobody, unless the whole interval stands on one side of 0.</summary>
    /// <param name="difference">The second's figure minus the first's.</param>
    public static string Better(MetricValue? difference, bool lowerIsBetter, string first = "K-NN", string second = "the other") => difference switch
    {
        { Low: > 0 } => lowerIsBetter ? first : second,
        { High: < 0 } => lowerIsBetter ? second : first,
        _ => "neither, beyond chance",
    };
}
