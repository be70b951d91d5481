using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Training.Selection;

/// <summary>A choice among candidates, and what choosing this way is worth.</summary>
/// <param name="Nested">The whole procedure, cross-validated; see <see cref="SelectingLearner"/>.</param>
/// <param name="ChosenInFolds">What each outer fold chose.</param>
public sealed record ModelSelection(Choice Choice, CrossValidationResult Nested, IReadOnlyList<Candidate> ChosenInFolds)
{
    /// <summary>With fewer rows of an outcome than this times the folds, an inner fold could be left without one.</summary>
    private const int FewestPerFold = 2;

    /// <summary>A sentence saying why nothing can be compared, or null.</summary>
    public static string? Problem(LabelledPoints points, CrossValidationOptions options)
    {
        var (fewer, needed) = (Math.Min(points.DiedRows, points.SurvivedRows), FewestPerFold * options.Folds);
        return fewer < needed
            ? $"{points.DiedRows} rows died and {points.SurvivedRows} survived; to compare settings on {options.Folds} folds there must be at least {needed} of each. The configured settings stand."
            : null;
    }

    /// <exception cref="TrainingRefusedException">Too few rows for the configured candidate.</exception>
    public static ModelSelection Run(IReadOnlyList<Candidate> candidates, LabelledPoints points, SideBySide views, CrossValidationOptions options)
    {
        var choice = OneStandardErrorRule.Choose(CandidateSearch.Run(candidates, points, views, options));
        var inFolds = new List<Candidate>(); // one outer repeat works through its folds in order
        var procedure = new SelectingLearner(candidates, views, options, inFolds.Add);
        return new ModelSelection(choice, CrossValidation.Run(procedure, points, options with { Repeats = 1 }), inFolds);
    }
}
