using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Models;

/// <summary>Says what a paired difference between another learner and the K-NN means.</summary>
public static class ComparisonText
{
    /// <summary>"+0.0093 (+0.0012 to +0.0174)".</summary>
    public static string Difference(Figure? difference) => difference is null
        ? Format.Nothing
        : $"{Format.Difference(difference.Value)} ({Format.Difference(difference.Low)} to {Format.Difference(difference.High)})";

    /// <summary>Nobody, unless the whole interval stands on one side of 0.</summary>
    /// <param name="difference">The other's figure minus the K-NN's.</param>
    public static string Better(Figure? difference, bool lowerIsBetter) => difference switch
    {
        { Low: > 0 } => lowerIsBetter ? "K-NN" : "the other",
        { High: < 0 } => lowerIsBetter ? "the other" : "K-NN",
        _ => "neither, beyond chance",
    };
}
