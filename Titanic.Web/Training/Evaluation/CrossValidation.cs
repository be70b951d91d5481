using System.Security.Cryptography;
using Titanic.Web.Passengers;

namespace Titanic.Web.Training.Evaluation;

/// <summary>Stratified, repeated k-fold: in each repeat every row is predicted once, by a model that has not seen it.</summary>
public static class CrossValidation
{
    /// <exception cref="TrainingRefusedException">Too few rows for these folds, or the learner refuses a fold's training rows.</exception>
    public static CrossValidationResult Run(ILearner learner, WeightedSamples points, CrossValidationOptions options)
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
    private static Repeat RunOnce(ILearner learner, WeightedSamples points, int count, SeededRandom chance)
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

/// <param name="Repeats">How often all rows are dealt anew, 1..1000.</param>
/// <param name="Folds">Parts of one deal, at least 2; each is predicted by a model fitted on the others.</param>
/// <param name="Seed">Same seed and rows, same folds, on every machine.</param>
public sealed record CrossValidationOptions(int Repeats = 10, int Folds = 5, long Seed = 1912)
{
    /// <summary>Size of a fold to that of the others together.</summary>
    internal double TestRowsPerTrainingRow => 1.0 / (Folds - 1);

    /// <summary>A sentence saying what is wrong, or null; without <paramref name="rows"/> only the folds' lower end is checked.</summary>
    public string? Problem(int? rows = null)
    {
        if (Repeats is < 1 or > 1000)
            return $"Cross-validation has {Repeats} repeats; it must be 1..1000.";
        if (Folds < 2 || Folds > rows)
            return rows is { } known
                ? $"Cross-validation has {Folds} folds; it must be between 2 and the number of rows ({known})."
                : $"Cross-validation has {Folds} folds; it must be at least 2.";
        return null;
    }
}

/// <summary>Figures over the repeats; each repeat measures all rows once.</summary>
/// <param name="Rows">Number of rows measured in each repeat.</param>
/// <param name="Repeats">Per repeat the metrics of all its answers; what ranks rows (ROC AUC, average precision) is the folds' mean.</param>
/// <param name="Folds">Metrics of every single fold, repeat by repeat.</param>
/// <param name="FoldsSha256">Of the rows and of who stood in which fold: only results with the same may be compared fold by fold.</param>
public sealed record CrossValidationResult(
    string Learner, int Rows, CrossValidationOptions Options, IReadOnlyList<Metrics> Repeats, IReadOnlyList<Metrics> Folds, string FoldsSha256)
{
    public MetricValue Accuracy => ValueOf(metrics => metrics.Accuracy.Value);
    public MetricValue BalancedAccuracy => ValueOf(metrics => metrics.BalancedAccuracy);
    public MetricValue Precision => ValueOf(metrics => metrics.Precision.Value);
    public MetricValue Recall => ValueOf(metrics => metrics.Recall.Value);
    public MetricValue F1 => ValueOf(metrics => metrics.F1);
    public MetricValue RocAuc => ValueOf(metrics => metrics.RocAuc);
    public MetricValue AveragePrecision => ValueOf(metrics => metrics.AveragePrecision);
    public MetricValue LogLoss => ValueOf(metrics => metrics.LogLoss, most: double.PositiveInfinity);
    public MetricValue Brier => ValueOf(metrics => metrics.Brier);
    public MetricValue CalibrationError => ValueOf(metrics => metrics.CalibrationError);

    public ConfusionCounts MeanConfusion => new(
        Repeats.Average(metrics => metrics.Confusion.TrueNegatives),
        Repeats.Average(metrics => metrics.Confusion.FalsePositives),
        Repeats.Average(metrics => metrics.Confusion.FalseNegatives),
        Repeats.Average(metrics => metrics.Confusion.TruePositives));

    /// <summary>As the registry stores it.</summary>
    public EvaluationRecord ToRecord() => new(
        Learner, $"{Options.Repeats}x{Options.Folds} cross-validation", Rows,
        new Dictionary<string, MetricValue>
        {
            ["accuracy"] = Accuracy,
            ["balancedAccuracy"] = BalancedAccuracy,
            ["precision"] = Precision,
            ["recall"] = Recall,
            ["f1"] = F1,
            ["rocAuc"] = RocAuc,
            ["averagePrecision"] = AveragePrecision,
            ["logLoss"] = LogLoss,
            ["brier"] = Brier,
            ["calibrationError"] = CalibrationError,
        },
        MeanConfusion, Seed: Options.Seed, Repeats: Options.Repeats, Folds: Options.Folds);

    /// <summary>
    /// Mean over the repeats; the interval by the corrected resampled t (<see cref="ResampledMean"/>), null if the metric is undefined in any fold;
    /// the standard deviation (n-1) between the repeats, null for one repeat.
    /// </summary>
    /// <param name="most">What the figure cannot exceed.</param>
    private MetricValue ValueOf(Func<Metrics, double?> figure, double most = 1)
    {
        var values = Repeats.Select(figure).OfType<double>().ToArray();
        if (values.Length < Repeats.Count)
            return new MetricValue(null);
        var mean = values.Average();
        var squares = values.Sum(value => (value - mean) * (value - mean));
        var confidence95 = ResampledMean.Of([.. Folds.Select(figure)], Options.TestRowsPerTrainingRow)?.Around(mean).Within(0, most);
        return new MetricValue(mean, confidence95?.Lower, confidence95?.Upper, values.Length < 2 ? null : Math.Sqrt(squares / (values.Length - 1)));
    }
}
