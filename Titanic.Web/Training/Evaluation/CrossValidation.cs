using Titanic.Web.Passengers;

namespace Titanic.Web.Training.Evaluation;

/// <summary>Stratified, repeated k-fold cross-validation: in each repeat every row is predicted once, by a model that has not seen it.</summary>
public static class CrossValidation
{
    /// <exception cref="TrainingRefusedException">Too few rows for these folds, or the learner refuses a fold's training rows.</exception>
    public static CrossValidationResult Run(ILearner learner, LabelledPoints points, CrossValidationOptions options)
    {
        if (options.Problem(points.Rows) is { } problem)
            throw new TrainingRefusedException(problem);
        var random = new SeededRandom((ulong)options.Seed);
        var repeats = new Metrics[options.Repeats];
        for (var repeat = 0; repeat < options.Repeats; repeat++)
        {
            var folds = StratifiedFolds.Deal(points, options.Folds, random);
            var scored = new List<ScoredRow>(2 * points.Count);
            for (var fold = 0; fold < options.Folds; fold++)
                scored.AddRange(HoldOut.Score(learner.Fit(folds.Training(fold)), folds.Testing(fold)));
            repeats[repeat] = Metrics.Of(scored);
        }
        return new CrossValidationResult(learner.Name, points.Rows, options, repeats);
    }
}
