namespace Titanic.Web.Training.Evaluation;

/// <summary>Figures over the repeats; each repeat measures all rows once.</summary>
/// <param name="Rows">Number of rows measured in each repeat.</param>
/// <param name="Repeats">Per repeat the metrics of all its answers; what ranks rows (ROC AUC, average precision) is the folds' mean.</param>
/// <param name="Folds">Metrics of every single fold, repeat by repeat.</param>
/// <param name="DealSha256">Of the rows and of who stood in which fold: only results with the same may be compared fold by fold.</param>
public sealed record CrossValidationResult(
    string Learner, int Rows, CrossValidationOptions Options, IReadOnlyList<Metrics> Repeats, IReadOnlyList<Metrics> Folds, string DealSha256)
{
    public Spread Accuracy => SpreadOf(metrics => metrics.Accuracy.Value);
    public Spread BalancedAccuracy => SpreadOf(metrics => metrics.BalancedAccuracy);
    public Spread Precision => SpreadOf(metrics => metrics.Precision.Value);
    public Spread Recall => SpreadOf(metrics => metrics.Recall.Value);
    public Spread F1 => SpreadOf(metrics => metrics.F1);
    public Spread RocAuc => SpreadOf(metrics => metrics.RocAuc);
    public Spread AveragePrecision => SpreadOf(metrics => metrics.AveragePrecision);
    public Spread LogLoss => SpreadOf(metrics => metrics.LogLoss, most: double.PositiveInfinity);
    public Spread Brier => SpreadOf(metrics => metrics.Brier);
    public Spread CalibrationError => SpreadOf(metrics => metrics.CalibrationError);

    public MeanConfusion MeanConfusion => new(
        Repeats.Average(metrics => metrics.Confusion.TrueNegatives),
        Repeats.Average(metrics => metrics.Confusion.FalsePositives),
        Repeats.Average(metrics => metrics.Confusion.FalseNegatives),
        Repeats.Average(metrics => metrics.Confusion.TruePositives));

    /// <param name="most">What the figure cannot exceed.</param>
    private Spread SpreadOf(Func<Metrics, double?> figure, double most = 1)
    {
        var values = Repeats.Select(figure).OfType<double>().ToArray();
        if (values.Length < Repeats.Count)
            return new Spread(null, null, null);
        var mean = values.Average();
        var squares = values.Sum(value => (value - mean) * (value - mean));
        return new Spread(
            mean,
            values.Length < 2 ? null : Math.Sqrt(squares / (values.Length - 1)),
            ResampledMean.Of([.. Folds.Select(figure)], Options.TestRowsPerTrainingRow)?.Around(mean).Within(0, most));
    }
}

/// <param name="Mean">Null if the figure is undefined in any repeat.</param>
/// <param name="StandardDeviation">Between repeats (n-1): what the deal into folds moves, not the figure's error; null for one repeat.</param>
/// <param name="Confidence95">Corrected resampled t interval (<see cref="ResampledMean"/>); null if the figure is undefined in any fold.</param>
public readonly record struct Spread(double? Mean, double? StandardDeviation, Interval? Confidence95);

/// <summary>Mean number of rows per repeat; the four sum to the number of rows.</summary>
public readonly record struct MeanConfusion(double TrueNegatives, double FalsePositives, double FalseNegatives, double TruePositives)
{
    /// <summary>Mean rows with this actual and this predicted label.</summary>
    public double this[SurvivalLabel actual, SurvivalLabel predicted] => (actual, predicted) switch
    {
        (SurvivalLabel.Died, SurvivalLabel.Died) => TrueNegatives,
        (SurvivalLabel.Died, SurvivalLabel.Survived) => FalsePositives,
        (SurvivalLabel.Survived, SurvivalLabel.Died) => FalseNegatives,
        (SurvivalLabel.Survived, SurvivalLabel.Survived) => TruePositives,
        _ => throw new ArgumentOutOfRangeException(nameof(actual), $"There is no cell {actual}/{predicted}; labels are Died and Survived."),
    };
}
