using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Training.Selection;

/// <summary>A choice among candidates, and what choosing this way is worth.</summary>
/// <param name="Nested">The whole procedure, cross-validated; see <see cref="SelectingLearner"/>.</param>
/// <param name="ChosenInFolds">What each outer fold chose.</param>
public sealed record ModelSelection(SelectionResult Result, CrossValidationResult Nested, IReadOnlyList<Candidate> ChosenInFolds)
{
    /// <summary>With fewer rows of an outcome than this times the folds, an inner fold could be left without one.</summary>
    private const int FewestPerFold = 2;

    /// <summary>A sentence saying why nothing can be compared, or null.</summary>
    public static string? Problem(WeightedSamples points, CrossValidationOptions options)
    {
        var (fewer, needed) = (Math.Min(points.DiedRows, points.SurvivedRows), FewestPerFold * options.Folds);
        return fewer < needed
            ? $"{points.DiedRows} rows died and {points.SurvivedRows} survived; to compare settings on {options.Folds} folds there must be at least {needed} of each. The configured settings stand."
            : null;
    }

    /// <summary>The search as the registry stores it.</summary>
    /// <param name="rows">Number of rows that were searched on.</param>
    /// <param name="leftOut">A sentence on what was not tried, or null.</param>
    public SearchRecord ToRecord(int rows, string? leftOut)
    {
        var options = Result.Scores[0].Options;
        return new SearchRecord(
            rows, options.Repeats, options.Folds, options.Seed, leftOut, Result.ToRecords(),
            new NestedRecord(Nested.Brier.Value!.Value, Nested.Accuracy.Value!.Value, [.. ChosenInFolds.Select(candidate => candidate.ToString())]));
    }

    /// <summary>What selecting this way reaches, beside the evaluations of the model itself.</summary>
    public EvaluationRecord NestedEvaluation => Nested.ToRecord() with { Method = $"nested {Nested.Options.Folds}-fold cross-validation" };

    /// <exception cref="TrainingRefusedException">Too few rows for the configured candidate.</exception>
    public static ModelSelection Run(IReadOnlyList<Candidate> candidates, WeightedSamples points, MultiViewDataset views, CrossValidationOptions options)
    {
        var choice = OneStandardErrorRule.Choose(CandidateSearch.Run(candidates, points, views, options));
        var inFolds = new List<Candidate>(); // one outer repeat works through its folds in order
        var procedure = new SelectingLearner(candidates, views, options, inFolds.Add);
        return new ModelSelection(choice, CrossValidation.Run(procedure, points, options with { Repeats = 1 }), inFolds);
    }
}

/// <summary>
/// The search as a learner of its own: it chooses on the rows that it is given, and fits the chosen candidate on them. Measured by an
/// outer cross-validation it tells what the whole procedure reaches, on rows that had no part in any choice; the chosen candidate's own
/// cross-validation is too good by as much as choosing has helped it.
/// </summary>
/// <param name="candidates">The configured one first.</param>
/// <param name="views">How the points hold the candidates' views.</param>
/// <param name="options">The inner folds.</param>
/// <param name="chose">Is told each choice.</param>
public sealed class SelectingLearner(
    IReadOnlyList<Candidate> candidates, MultiViewDataset views, CrossValidationOptions options, Action<Candidate> chose) : ILearner
{
    public string Name => "knn, settings chosen anew in each fold";

    public IClassifier Fit(WeightedSamples training)
    {
        var chosen = OneStandardErrorRule.Choose(CandidateSearch.Run(candidates, training, views, options)).Chosen;
        chose(chosen);
        return views.In(chosen.View.Schema).Through(chosen.Trainer).Fit(training);
    }
}

/// <summary>Cross-validates every candidate on identical rows and folds.</summary>
public static class CandidateSearch
{
    /// <param name="candidates">The configured one first. Others whose k is more than a fold's training rows are left out.</param>
    /// <param name="points">Dealt into folds once, for all views.</param>
    /// <param name="views">How the points hold the candidates' views.</param>
    /// <returns>In the candidates' order.</returns>
    /// <exception cref="TrainingRefusedException">Too few rows for these folds, or for the configured candidate.</exception>
    public static IReadOnlyList<CandidateScores> Run(
        IReadOnlyList<Candidate> candidates, WeightedSamples points, MultiViewDataset views, CrossValidationOptions options)
    {
        if (options.Problem(points.Rows) is { } problem)
            throw new TrainingRefusedException(problem);
        var fewestLearned = points.Rows - (points.Rows + options.Folds - 1) / options.Folds;
        Candidate[] tried = [candidates[0], .. candidates.Skip(1).Where(candidate => candidate.Knn.K <= fewestLearned)];
        var random = new SeededRandom((ulong)options.Seed);
        var deals = Enumerable.Range(0, options.Repeats).Select(_ => StratifiedFolds.Deal(points, options.Folds, random)).ToArray();

        var folds = new FoldScore[options.Repeats * options.Folds][];
        try
        {
            Parallel.For(0, folds.Length, place => folds[place] = ScoresOn(deals[place / options.Folds], place % options.Folds, tried, views));
        }
        catch (AggregateException several) when (several.InnerException is TrainingRefusedException refused)
        {
            throw new TrainingRefusedException(refused.Message);
        }
        return [.. tried.Select((candidate, index) => new CandidateScores(candidate, [.. folds.Select(scores => scores[index])], options))];
    }

    /// <summary>One fold's score of every candidate. Its rows are cut to a view once, for all candidates that see it.</summary>
    private static FoldScore[] ScoresOn(StratifiedFolds deal, int fold, IReadOnlyList<Candidate> candidates, MultiViewDataset views)
    {
        var (training, testing) = (deal.Training(fold), deal.Testing(fold));
        var scores = new FoldScore[candidates.Count];
        foreach (var ofView in candidates.Index().GroupBy(each => each.Item.View))
        {
            var slice = views.In(ofView.Key.Schema);
            var (learned, asked) = (slice.Of(training), slice.Of(testing));
            foreach (var (index, candidate) in ofView)
                scores[index] = FoldScore.Of(HoldOut.Score(candidate.Trainer.Fit(learned), asked));
        }
        return scores;
    }
}
