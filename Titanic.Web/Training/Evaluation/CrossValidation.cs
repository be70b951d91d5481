using System.Security.Cryptography;
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
        // Each repeat has its own sequence of chance, so that repeats are independent work.
        var seeds = new SeededRandom((ulong)options.Seed);
        var chances = Enumerable.Range(0, options.Repeats).Select(_ => new SeededRandom(seeds.NextUInt64())).ToArray();
        var repeats = new Repeat[options.Repeats];
        try
        {
            Parallel.For(0, options.Repeats, repeat => repeats[repeat] = RunOnce(learner, points, options.Folds, chances[repeat]));
        }
        catch (AggregateException several) when (several.InnerException is TrainingRefusedException refused)
        {
            throw new TrainingRefusedException(refused.Message);
        }
        return new CrossValidationResult(
            learner.Name, points.Rows, options,
            [.. repeats.Select(repeat => repeat.Together)],
            [.. repeats.SelectMany(repeat => repeat.Folds)],
            Convert.ToHexStringLower(SHA256.HashData([.. repeats.SelectMany(repeat => repeat.Deal)])));
    }

    /// <summary>
    /// All folds' answers measured together, but for what ranks rows against each other (the area under the ROC curve, average
    /// precision): probabilities of different fits do not share a scale, so it is the folds' mean (Forman and Scholz, 2010).
    /// </summary>
    private static Repeat RunOnce(ILearner learner, LabelledPoints points, int count, SeededRandom chance)
    {
        var deal = StratifiedFolds.Deal(points, count, chance);
        var scored = new List<ScoredRow>();
        var folds = new Metrics[count];
        for (var fold = 0; fold < count; fold++)
        {
            var answers = HoldOut.Score(learner.Fit(deal.Training(fold)), deal.Testing(fold));
            folds[fold] = Metrics.Of(answers);
            scored.AddRange(answers);
        }
        var together = Metrics.Of(scored) with { RocAuc = MeanOf(fold => fold.RocAuc), AveragePrecision = MeanOf(fold => fold.AveragePrecision) };
        return new Repeat(together, folds, deal.Digest());

        double? MeanOf(Func<Metrics, double?> figure) => folds.Any(fold => figure(fold) is null) ? null : folds.Average(figure);
    }

    private sealed record Repeat(Metrics Together, Metrics[] Folds, byte[] Deal);
}
