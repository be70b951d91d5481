using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Training.Selection;

/// <summary>Cross-validates every candidate on identical rows and folds.</summary>
public static class CandidateSearch
{
    /// <param name="candidates">The configured one first. Others whose k is more than a fold's training rows are left out.</param>
    /// <param name="points">Dealt into folds once, for all views.</param>
    /// <param name="views">How the points hold the candidates' views.</param>
    /// <returns>In the candidates' order.</returns>
    /// <exception cref="TrainingRefusedException">Too few rows for these folds, or for the configured candidate.</exception>
    public static IReadOnlyList<CandidateScores> Run(
        IReadOnlyList<Candidate> candidates, LabelledPoints points, SideBySide views, CrossValidationOptions options)
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
    private static FoldScore[] ScoresOn(StratifiedFolds deal, int fold, IReadOnlyList<Candidate> candidates, SideBySide views)
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
