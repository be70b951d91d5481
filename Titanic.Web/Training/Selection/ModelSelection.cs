using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Training.Selection;

/// <summary>Hyperparameter search with a nested cross-validation of the search itself.</summary>
/// <param name="Result">The chosen candidate and the scores of all candidates.</param>
/// <param name="Nested">Nested cross-validation of the whole search; see <see cref="SelectingLearner"/>.</param>
/// <param name="ChosenByFold">The candidate chosen in each outer fold.</param>
public sealed record ModelSelection(SelectionResult Result, CrossValidationResult Nested, IReadOnlyList<Candidate> ChosenByFold)
{
    /// <summary>With fewer rows of an outcome than this times the number of folds, an inner fold could lack the outcome.</summary>
    private const int MinimumRowsPerFold = 2;

    /// <summary>Checks whether there are enough rows to compare candidates.</summary>
    /// <returns>The reason why candidates cannot be compared; null if they can.</returns>
    public static string? Validate(WeightedSamples points, CrossValidationOptions options)
    {
        var (fewer, needed) = (Math.Min(points.DiedRows, points.SurvivedRows), MinimumRowsPerFold * options.Folds);
        return fewer < needed
            ? $"{Quantity.Of(points.DiedRows, "row")} died and {Format.Count(points.SurvivedRows)} survived; a search on {options.Folds} folds requires at least {needed} of each. The configured hyperparameters are used."
            : null;
    }

    /// <summary>The search as the registry stores it.</summary>
    /// <param name="rows">Number of rows that were used.</param>
    /// <param name="leftOut">Description of candidates that were not evaluated; null if there are none.</param>
    public SearchRecord ToRecord(int rows, string? leftOut)
    {
        var options = Result.Scores[0].Options;
        return new SearchRecord(
            rows, options.Repeats, options.Folds, options.Seed, leftOut, Result.ToRecords(),
            new NestedRecord(Nested.Brier.Value!.Value, Nested.Accuracy.Value!.Value, [.. ChosenByFold.Select(candidate => candidate.ToString())]));
    }

    /// <summary>The nested cross-validation as an evaluation of the learner.</summary>
    public EvaluationRecord NestedEvaluation => Nested.ToRecord() with { Method = $"nested {Nested.Options.Folds}-fold cross-validation" };

    /// <summary>Chooses among candidates by cross-validation, and evaluates this procedure by nested cross-validation.</summary>
    /// <param name="candidates">The configured candidate first.</param>
    /// <param name="points">n rows with the features of all views.</param>
    /// <param name="views">The views of the points.</param>
    /// <param name="options">
    /// Folds of the search; the outer folds of the nested cross-validation use the same options with one repeat.
    /// </param>
    /// <param name="progress">Counts the folds, those of all nested searches included.</param>
    /// <exception cref="TrainingFailedException">There are too few rows for the configured candidate.</exception>
    public static ModelSelection Run(
        IReadOnlyList<Candidate> candidates, WeightedSamples points, MultiViewDataset views, CrossValidationOptions options, StepProgress? progress = null)
    {
        progress ??= StepProgress.None;
        progress.Total = options.Repeats * options.Folds * (1L + options.Folds) + options.Folds;
        var result = OneStandardErrorRule.Choose(CandidateSearch.Run(candidates, points, views, options, progress));
        var chosenByFold = new List<Candidate>(); // one outer repeat processes its folds in order
        var procedure = new SelectingLearner(candidates, views, options, chosenByFold.Add, progress);
        return new ModelSelection(result, CrossValidation.Run(procedure, points, options with { Repeats = 1 }, progress), chosenByFold);
    }
}

/// <summary>
/// The hyperparameter search as a learner: it chooses a candidate by cross-validation on its training rows and fits it on them.
/// Cross-validating this learner (nested cross-validation) estimates the performance of the whole procedure on rows that had no part in the
/// choice. The inner cross-validation score of the chosen candidate is optimistic. S. Varma and R. Simon, "Bias in error estimation when
/// using cross-validation for model selection", 2006, doi:10.1186/1471-2105-7-91.
/// </summary>
/// <param name="candidates">The configured candidate first.</param>
/// <param name="views">The views of the points.</param>
/// <param name="options">The inner folds.</param>
/// <param name="onChosen">Called with each chosen candidate.</param>
/// <param name="progress">Counts the inner folds.</param>
public sealed class SelectingLearner(
    IReadOnlyList<Candidate> candidates, MultiViewDataset views, CrossValidationOptions options, Action<Candidate> onChosen, StepProgress progress) : ILearner
{
    public string Name => "knn, hyperparameters selected in each fold";

    public IClassifier Fit(WeightedSamples training)
    {
        var chosen = OneStandardErrorRule.Choose(CandidateSearch.Run(candidates, training, views, options, progress)).Chosen;
        onChosen(chosen);
        return views.Slice(chosen.View.Schema).Adapt(chosen.Trainer).Fit(training);
    }
}

/// <summary>Grid search: cross-validates every candidate on the same rows and folds.</summary>
public static class CandidateSearch
{
    /// <summary>Evaluates all candidates. Folds run in parallel; the result does not depend on the number of threads.</summary>
    /// <param name="candidates">
    /// The configured candidate first. Others are skipped if their k exceeds the number of training rows of a fold.
    /// </param>
    /// <param name="points">n rows with the features of all views; split into folds once for all views.</param>
    /// <param name="views">The views of the points.</param>
    /// <param name="options">Repeats, folds and seed.</param>
    /// <param name="progress">Counts the folds.</param>
    /// <returns>In the order of the candidates.</returns>
    /// <exception cref="TrainingFailedException">There are too few rows for these folds or for the configured candidate.</exception>
    public static IReadOnlyList<CandidateScores> Run(
        IReadOnlyList<Candidate> candidates, WeightedSamples points, MultiViewDataset views, CrossValidationOptions options, StepProgress progress)
    {
        if (options.Validate(points.Rows) is { } problem)
            throw new TrainingFailedException(problem);
        var fewestTrainingRows = points.Rows - (points.Rows + options.Folds - 1) / options.Folds;
        Candidate[] evaluated = [candidates[0], .. candidates.Skip(1).Where(candidate => candidate.Knn.K <= fewestTrainingRows)];
        var random = new SeededRandom((ulong)options.Seed);
        var splits = Enumerable.Range(0, options.Repeats).Select(_ => StratifiedFolds.Split(points, options.Folds, random).RequireBothOutcomes()).ToArray();

        var folds = new FoldScore[options.Repeats * options.Folds][];
        try
        {
            Parallel.For(0, folds.Length, new ParallelOptions { CancellationToken = progress.Cancellation }, index =>
                folds[index] = ScoreFold(splits[index / options.Folds], index % options.Folds, evaluated, views, progress));
        }
        catch (AggregateException exception) when (exception.InnerException is TrainingFailedException inner)
        {
            throw new TrainingFailedException(inner.Message);
        }
        return [.. evaluated.Select((candidate, index) => new CandidateScores(candidate, [.. folds.Select(scores => scores[index])], options))];
    }

    /// <summary>Scores of every candidate on one fold. Rows are projected to a view once for all candidates with that view.</summary>
    private static FoldScore[] ScoreFold(StratifiedFolds folds, int fold, IReadOnlyList<Candidate> candidates, MultiViewDataset views, StepProgress progress)
    {
        var (training, testing) = (folds.Training(fold), folds.Testing(fold));
        var scores = new FoldScore[candidates.Count];
        foreach (var ofView in candidates.Index().GroupBy(each => each.Item.View))
        {
            var slice = views.Slice(ofView.Key.Schema);
            var (trainingOfView, testingOfView) = (slice.Project(training), slice.Project(testing));
            foreach (var (index, candidate) in ofView)
            {
                progress.Cancellation.ThrowIfCancellationRequested();
                scores[index] = FoldScore.Of(HoldOut.Score(candidate.Trainer.Fit(trainingOfView), testingOfView));
            }
        }
        progress.Add();
        return scores;
    }
}
