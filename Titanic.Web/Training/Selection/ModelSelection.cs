using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Training.Selection;

/// <summary>A choice among candidates, and what choosing this way is worth on rows that had no part in it.</summary>
public sealed record ModelSelection(Choice Choice, NestedEstimate Nested)
{
    /// <summary>Fewer rows of an outcome than this times the folds leave inner folds without one.</summary>
    private const int FewestPerFold = 2;

    /// <summary>A sentence saying why nothing can be compared, or null.</summary>
    public static string? Problem(LabelledPoints points, CrossValidationOptions options)
    {
        var (fewer, needed) = (Math.Min(points.DiedRows, points.SurvivedRows), FewestPerFold * options.Folds);
        return fewer < needed
            ? $"{points.DiedRows} rows died and {points.SurvivedRows} survived; to compare settings on {options.Folds} folds there must be at least {needed} of each."
            : null;
    }

    /// <exception cref="TrainingRefusedException">Too few rows for the configured candidate.</exception>
    public static ModelSelection Run(IReadOnlyList<Candidate> candidates, LabelledPoints points, SideBySide views, CrossValidationOptions options) => new(
        OneStandardErrorRule.Choose(CandidateSearch.Run(candidates, points, views, options), options.Folds),
        NestedEstimate.Run(candidates, points, views, options));
}
