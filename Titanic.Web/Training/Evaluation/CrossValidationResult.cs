namespace Titanic.Web.Training.Evaluation;

/// <summary>Figures over the repeats; each repeat measures all rows once.</summary>
/// <param name="Rows">Number of rows measured in each repeat.</param>
/// <param name="Repeats">Per repeat the metrics of all its answers; the area under the ROC curve is the folds' mean.</param>
public sealed record CrossValidationResult(
    string Learner, int Rows, CrossValidationOptions Options, IReadOnlyList<Metrics> Repeats)
{
    public Spread Accuracy => SpreadOf(metrics => metrics.Accuracy.Value);
    public Spread BalancedAccuracy => SpreadOf(metrics => metrics.BalancedAccuracy);
    public Spread Precision => SpreadOf(metrics => metrics.Precision.Value);
    public Spread Recall => SpreadOf(metrics => metrics.Recall.Value);
    public Spread F1 => SpreadOf(metrics => metrics.F1);
    public Spread RocAuc => SpreadOf(metrics => metrics.RocAuc);
    public Spread LogLoss => SpreadOf(metrics => metrics.LogLoss);
    public Spread Brier => SpreadOf(metrics => metrics.Brier);
    public Spread CalibrationError => SpreadOf(metrics => metrics.CalibrationError);

    public MeanConfusion MeanConfusion => new(
        Repeats.Average(metrics => metrics.Confusion.TrueNegatives),
        Repeats.Average(metrics => metrics.Confusion.FalsePositives),
        Repeats.Average(metrics => metrics.Confusion.FalseNegatives),
        Repeats.Average(metrics => metrics.Confusion.TruePositives));

    private Spread SpreadOf(Func<Metrics, double?> figure)
    {
        var values = Repeats.Select(figure).OfType<double>().ToArray();
        if (values.Length < Repeats.Count)
            return new Spread(null, null);
        var mean = values.Average();
        var squares = values.Sum(value => (value - mean) * (value - mean));
        return new Spread(mean, values.Length < 2 ? null : Math.Sqrt(squares / (values.Length - 1)));
    }
}

/// <param name="Mean">Null if the figure is undefined in any repeat.</param>
/// <param name="StandardDeviation">Between repeats (n-1): what the deal into folds moves, not the figure's error; null for one repeat.</param>
public readonly record struct Spread(double? Mean, double? StandardDeviation);

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
