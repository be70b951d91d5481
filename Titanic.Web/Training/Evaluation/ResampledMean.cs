namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// Mean of a figure over the folds of a repeated cross-validation, and how sure it is. The folds' training parts overlap, so their
/// figures are not independent and the plain t interval is several times too narrow. The corrected resampled t (Nadeau and Bengio,
/// 2003; for r repeats of k folds: Bouckaert and Frank, 2004) has the variance s² (1/(r k) + test rows / training rows) and r k - 1
/// degrees of freedom.
/// </summary>
/// <param name="StandardError">Root of that variance.</param>
public sealed record ResampledMean(double Mean, double StandardError, int DegreesOfFreedom)
{
    /// <param name="folds">The figure in every fold of every repeat.</param>
    /// <param name="testRowsPerTrainingRow">1/(k-1) for k folds.</param>
    /// <returns>Null if the figure is undefined in a fold or there is only one.</returns>
    public static ResampledMean? Of(IReadOnlyList<double?> folds, double testRowsPerTrainingRow)
    {
        if (folds.Count < 2 || folds.Contains(null))
            return null;
        var mean = folds.Average()!.Value;
        var variance = folds.Sum(value => (value!.Value - mean) * (value.Value - mean)) / (folds.Count - 1);
        return new ResampledMean(mean, Math.Sqrt(variance * (1.0 / folds.Count + testRowsPerTrainingRow)), folds.Count - 1);
    }

    public Interval Confidence95 => Around(Mean);

    /// <summary>Two-sided: how often a mean this far from 0 would be seen if the true one were 0.</summary>
    public double PValue => Mean == 0 ? 1 : Math.Max(0, 1 - StudentT.Within(Math.Abs(Mean) / StandardError, DegreesOfFreedom));

    /// <summary>The interval's width around another estimate of the same figure, such as that of a repeat's answers taken together.</summary>
    internal Interval Around(double estimate)
    {
        var half = StudentT.Quantile95(DegreesOfFreedom) * StandardError;
        return new Interval(estimate - half, estimate + half);
    }
}
