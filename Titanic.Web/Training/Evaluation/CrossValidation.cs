using Titanic.Web.Passengers;

namespace Titanic.Web.Training.Evaluation;

/// <summary>Stratified, repeated k-fold: in each repeat every row is predicted once, by a model that has not seen it.</summary>
public static class CrossValidation
{
    /// <exception cref="TrainingRefusedException">Too few rows for these folds, or the learner refuses a fold's training rows.</exception>
    public static CrossValidationResult Run(ILearner learner, LabelledPoints points, CrossValidationOptions options)
    {
        if (options.Problem(points.Rows) is { } problem)
            throw new TrainingRefusedException(problem);
        // The deals follow one another in one sequence of chance; measuring them is independent work.
        var random = new SeededRandom((ulong)options.Seed);
        var deals = Enumerable.Range(0, options.Repeats).Select(_ => StratifiedFolds.Deal(points, options.Folds, random)).ToArray();
        var repeats = new Metrics[options.Repeats];
        try
        {
            Parallel.For(0, options.Repeats, repeat => repeats[repeat] = RunOnce(learner, deals[repeat], options.Folds));
        }
        catch (AggregateException several) when (several.InnerException is TrainingRefusedException refused)
        {
            throw new TrainingRefusedException(refused.Message);
        }
        return new CrossValidationResult(learner.Name, points.Rows, options, repeats);
    }

    /// <summary>
    /// All folds' answers measured together, but for the area under the ROC curve: it ranks rows against each other, and probabilities
    /// of different fits do not share a scale, so it is the folds' mean (Forman and Scholz, 2010).
    /// </summary>
    private static Metrics RunOnce(ILearner learner, StratifiedFolds folds, int count)
    {
        var scored = new List<ScoredRow>();
        var areas = new double?[count];
        for (var fold = 0; fold < count; fold++)
        {
            var answers = HoldOut.Score(learner.Fit(folds.Training(fold)), folds.Testing(fold));
            areas[fold] = Metrics.AreaUnderRoc(answers);
            scored.AddRange(answers);
        }
        return Metrics.Of(scored) with { RocAuc = areas.Contains(null) ? null : areas.Average() };
    }
}
