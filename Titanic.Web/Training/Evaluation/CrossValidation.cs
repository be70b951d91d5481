using System.Security.Cryptography;
using Titanic.Web.Passengers;

namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// Repeated stratified k-fold cross-validation. In each repeat all rows are split into k folds, and every row is predicted once, by a model
/// that is fitted on the other k-1 folds.
/// </summary>
public static class CrossValidation
{
    /// <summary>Cross-validates a learner. Repeats run in parallel; the result does not depend on the number of threads.</summary>
    /// <param name="learner">The learner to evaluate.</param>
    /// <param name="points">n rows x d features.</param>
    /// <param name="options">Repeats, folds and seed.</param>
    /// <param name="progress">Counts the folds.</param>
    /// <exception cref="TrainingFailedException">
    /// The options are not possible with n rows, or the learner cannot be fitted on the training rows of a fold.
    /// </exception>
    public static CrossValidationResult Run(ILearner learner, WeightedSamples points, CrossValidationOptions options, StepProgress? progress = null)
    {
        progress ??= StepProgress.None;
        if (options.Validate(points.Rows) is { } problem)
            throw new TrainingFailedException(problem);
        // Each repeat has its own generator, so that repeats can run in parallel with reproducible results.
        var seeds = new SeededRandom((ulong)options.Seed);
        var generators = Enumerable.Range(0, options.Repeats).Select(_ => new SeededRandom(seeds.NextUInt64())).ToArray();
        var repeats = new Repeat[options.Repeats];
        try
        {
            Parallel.For(0, options.Repeats, new ParallelOptions { CancellationToken = progress.Cancellation }, repeat =>
                repeats[repeat] = RunRepeat(learner, points, options.Folds, generators[repeat], progress));
        }
        catch (AggregateException exception) when (exception.InnerException is TrainingFailedException inner)
        {
            throw new TrainingFailedException(inner.Message);
        }
        return new CrossValidationResult(
            learner.Name, points.Rows, options,
            [.. repeats.Select(repeat => repeat.Pooled)],
            [.. repeats.SelectMany(repeat => repeat.Folds)],
            Convert.ToHexStringLower(SHA256.HashData([.. repeats.SelectMany(repeat => repeat.FoldsSha256)])));
    }

    /// <summary>
    /// Computes the metrics of all predictions of a repeat, pooled over its folds. ROC AUC and average precision are the mean of the folds
    /// instead: they rank rows, and the probabilities of different fits are not on one scale. G. Forman and M. Scholz, "Apples-to-apples in
    /// cross-validation studies: pitfalls in classifier performance measurement", 2010, doi:10.1145/1882471.1882479.
    /// </summary>
    private static Repeat RunRepeat(ILearner learner, WeightedSamples points, int foldCount, SeededRandom random, StepProgress progress)
    {
        var split = StratifiedFolds.Split(points, foldCount, random).RequireBothOutcomes();
        var scored = new List<ScoredRow>();
        var folds = new Metrics[foldCount];
        for (var fold = 0; fold < foldCount; fold++)
        {
            var predictions = HoldOut.Score(learner.Fit(split.Training(fold)), split.Testing(fold));
            folds[fold] = Metrics.Of(predictions);
            scored.AddRange(predictions);
            progress.Add();
        }
        var pooled = Metrics.Of(scored) with { RocAuc = MeanOf(fold => fold.RocAuc), AveragePrecision = MeanOf(fold => fold.AveragePrecision) };
        return new Repeat(pooled, folds, split.ComputeSha256());

        double? MeanOf(Func<Metrics, double?> metric) => folds.Any(fold => metric(fold) is null) ? null : folds.Average(metric);
    }

    private sealed record Repeat(Metrics Pooled, Metrics[] Folds, byte[] FoldsSha256);
}

/// <summary>Options of a repeated stratified k-fold cross-validation.</summary>
/// <param name="Repeats">How often all rows are split again, 1..1000; default 10.</param>
/// <param name="Folds">Number of folds k, 2..number of rows; default 5.</param>
/// <param name="Seed">Seed of the fold assignment; the same seed and rows give the same folds on every machine. Default 1912.</param>
public sealed record CrossValidationOptions(int Repeats = 10, int Folds = 5, long Seed = 1912)
{
    /// <summary>n_test/n_train of a fold: 1/(k-1).</summary>
    internal double TestRowsPerTrainingRow => 1.0 / (Folds - 1);

    /// <summary>Validates the options.</summary>
    /// <param name="rows">Number of rows; null to skip the upper limit of the folds.</param>
    /// <returns>The error message; null if the options are valid.</returns>
    public string? Validate(int? rows = null)
    {
        if (Repeats is < 1 or > 1000)
            return ErrorText.OutOfRange("The number of cross-validation repeats", Repeats, 1, 1000);
        if (Folds < 2 || Folds > rows)
            return rows is { } known
                ? $"The number of cross-validation folds is {Format.Count(Folds)}; it must be between 2 and the number of rows ({Format.Count(known)})."
                : $"The number of cross-validation folds is {Format.Count(Folds)}; it must be at least 2.";
        return null;
    }
}

/// <summary>Result of a repeated cross-validation. Each repeat predicts all rows once.</summary>
/// <param name="Learner">Name of the learner.</param>
/// <param name="Rows">Number of rows n.</param>
/// <param name="Options">Repeats r, folds k and seed.</param>
/// <param name="Repeats">r entries: metrics of a repeat's pooled predictions; ROC AUC and average precision are means of its folds.</param>
/// <param name="Folds">r k entries: metrics of every fold, repeat by repeat.</param>
/// <param name="FoldsSha256">
/// SHA-256 of rows and fold assignment, hexadecimal. Only results with the same value may be compared fold by fold.
/// </param>
public sealed record CrossValidationResult(
    string Learner, int Rows, CrossValidationOptions Options, IReadOnlyList<Metrics> Repeats, IReadOnlyList<Metrics> Folds, string FoldsSha256)
{
    public MetricValue Accuracy => ValueOf(metrics => metrics.Accuracy.Value, counts => WilsonOf(counts.TrueNegatives + counts.TruePositives, Rows));
    public MetricValue BalancedAccuracy => ValueOf(metrics => metrics.BalancedAccuracy);
    public MetricValue Precision => ValueOf(metrics => metrics.Precision.Value, counts => WilsonOf(counts.TruePositives, counts.TruePositives + counts.FalsePositives));
    public MetricValue Recall => ValueOf(metrics => metrics.Recall.Value, counts => WilsonOf(counts.TruePositives, counts.TruePositives + counts.FalseNegatives));
    public MetricValue F1 => ValueOf(metrics => metrics.F1);
    public MetricValue RocAuc => ValueOf(metrics => metrics.RocAuc);
    public MetricValue AveragePrecision => ValueOf(metrics => metrics.AveragePrecision);
    public MetricValue LogLoss => ValueOf(metrics => metrics.LogLoss, maximum: double.PositiveInfinity);
    public MetricValue Brier => ValueOf(metrics => metrics.Brier);
    public MetricValue CalibrationError => ValueOf(metrics => metrics.CalibrationError);

    /// <summary>Mean confusion matrix over the repeats.</summary>
    public ConfusionCounts MeanConfusion => new(
        Repeats.Average(metrics => metrics.Confusion.TrueNegatives),
        Repeats.Average(metrics => metrics.Confusion.FalsePositives),
        Repeats.Average(metrics => metrics.Confusion.FalseNegatives),
        Repeats.Average(metrics => metrics.Confusion.TruePositives));

    /// <summary>The result as the registry stores it.</summary>
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
    /// Whether the predictions of every fold are one class, as those of a baseline that ignores the features. Stratified folds have equal
    /// shares of both outcomes, so the metrics of such folds are equal up to rounding, and their variance does not estimate the sampling
    /// error: on 1,609 rows, the resampled t interval of the accuracy of the majority class would be 0.16 points wide instead of 4.8
    /// (2 · 1.96 · √(p (1 − p) / n) with the share p = 0.62 of the majority class).
    /// Proportions then have their Wilson interval for n rows, all other metrics none.
    /// </summary>
    private bool PredictsOneClass => Folds.All(fold => fold.Confusion.PredictsOneClass);

    private static Interval? WilsonOf(double successes, double trials) => new Proportion((int)Math.Round(successes), (int)Math.Round(trials)).Confidence95;

    /// <summary>
    /// Mean over the repeats; 95% interval, null if there is none; standard deviation (n-1) over the repeats, null for one repeat. The mean
    /// is null if the metric is undefined in a repeat.
    /// </summary>
    /// <param name="metric">Selects the metric.</param>
    /// <param name="proportion">Wilson interval of a metric that is a proportion; default none.</param>
    /// <param name="maximum">Upper limit of the metric.</param>
    private MetricValue ValueOf(Func<Metrics, double?> metric, Func<ConfusionCounts, Interval?>? proportion = null, double maximum = 1)
    {
        var values = Repeats.Select(metric).OfType<double>().ToArray();
        if (values.Length < Repeats.Count)
            return new MetricValue(null);
        var mean = values.Average();
        var squares = values.Sum(value => (value - mean) * (value - mean));
        var confidence95 = PredictsOneClass
            ? proportion?.Invoke(MeanConfusion)
            : ResampledMean.Of([.. Folds.Select(metric)], Options.TestRowsPerTrainingRow)?.Around(mean).Clamp(0, maximum);
        return new MetricValue(mean, confidence95?.Lower, confidence95?.Upper, values.Length < 2 ? null : Math.Sqrt(squares / (values.Length - 1)));
    }
}
