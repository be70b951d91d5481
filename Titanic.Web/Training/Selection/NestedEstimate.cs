using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Training.Selection;

/// <summary>
/// What the whole procedure reaches, choosing included: in each outer fold the search runs anew on the other folds' rows, and its choice
/// answers rows that had no part in it. The chosen candidate's own cross-validation is too good by as much as choosing has helped it.
/// </summary>
/// <param name="Folds">Of the outer deal.</param>
/// <param name="Chosen">What each outer fold chose.</param>
public sealed record NestedEstimate(int Folds, Metrics Metrics, IReadOnlyList<Candidate> Chosen)
{
    /// <exception cref="TrainingRefusedException">Too few rows.</exception>
    public static NestedEstimate Run(IReadOnlyList<Candidate> candidates, LabelledPoints points, SideBySide views, CrossValidationOptions options)
    {
        // Other folds than those of the search, which deals from the seed itself.
        var outer = StratifiedFolds.Deal(points, options.Folds, new SeededRandom(~(ulong)options.Seed));
        var scored = new List<ScoredRow>();
        var areas = new double?[options.Folds];
        var chosen = new Candidate[options.Folds];
        for (var fold = 0; fold < options.Folds; fold++)
        {
            var training = outer.Training(fold);
            chosen[fold] = OneStandardErrorRule.Choose(CandidateSearch.Run(candidates, training, views, options), options.Folds).Chosen;
            var slice = views.In(chosen[fold].View.Schema);
            var answers = HoldOut.Score(chosen[fold].Trainer.Fit(slice.Of(training)), slice.Of(outer.Testing(fold)));
            areas[fold] = Metrics.Of(answers).RocAuc;
            scored.AddRange(answers);
        }
        return new NestedEstimate(options.Folds, Metrics.Of(scored) with { RocAuc = areas.Contains(null) ? null : areas.Average() }, chosen);
    }
}
