namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// Mean of a metric over the folds of a repeated cross-validation, with the corrected resampled t interval. Training sets of different
/// folds overlap, so fold values are dependent and the plain t interval is several times too narrow.
/// </summary>
/// <remarks>
/// <para>The variance of the mean is s² (1/(r k) + n_test/n_train) with r k - 1 degrees of freedom, for r repeats of k folds and the sample
/// variance s² (n-1) of all r k values.</para>
/// <para>C. Nadeau and Y. Bengio, "Inference for the generalization error", 2003, doi:10.1023/A:1024068626366; for repeated
/// cross-validation R. R. Bouckaert and E. Frank, "Evaluating the replicability of significance tests for comparing learning algorithms",
/// 2004, doi:10.1007/978-3-540-24775-3_3.</para>
/// </remarks>
/// <param name="Mean">Mean over all folds, in the unit of the metric.</param>
/// <param name="StandardError">Square root of the corrected variance, at least 0.</param>
/// <param name="DegreesOfFreedom">r k - 1, at least 1.</param>
public sealed record ResampledMean(double Mean, double StandardError, int DegreesOfFreedom)
{
    /// <summary>Computes the mean and its corrected standard error.</summary>
    /// <param name="folds">Value of the metric in every fold of every repeat, r k values.</param>
    /// <param name="testRowsPerTrainingRow">n_test/n_train; 1/(k-1) for k folds.</param>
    /// <returns>Null if the metric is undefined in a fold or if there is only one fold.</returns>
    public static ResampledMean? Of(IReadOnlyList<double?> folds, double testRowsPerTrainingRow)
    {
        if (folds.Count < 2 || folds.Contains(null))
            return null;
        var mean = folds.Average()!.Value;
        var variance = folds.Sum(value => (value!.Value - mean) * (value.Value - mean)) / (folds.Count - 1);
        return new ResampledMean(mean, Math.Sqrt(variance * (1.0 / folds.Count + testRowsPerTrainingRow)), folds.Count - 1);
    }

    /// <summary>95% interval: mean ± t(0.975, degrees of freedom) x standard error.</summary>
    public Interval Confidence95 => Around(Mean);

    /// <summary>The same interval centered on another estimate of the metric, such as the value of a repeat's pooled predictions.</summary>
    internal Interval Around(double estimate)
    {
        var halfWidth = StudentT.Quantile95(DegreesOfFreedom) * StandardError;
        return new Interval(estimate - halfWidth, estimate + halfWidth);
    }
}

/// <summary>
/// Student's t distribution for integer degrees of freedom, where its distribution function is a finite sum. No library is used, because
/// the quantile is part of stored intervals that are reproduced bit by bit: it must not change with the version of a package.
/// </summary>
internal static class StudentT
{
    private const double Confidence = 0.95;

    /// <summary>
    /// P(|T| &lt;= t): M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions", 1964, formulas 26.7.3 and 26.7.4.
    /// </summary>
    /// <param name="t">At least 0; may be infinite.</param>
    /// <param name="degreesOfFreedom">At least 1. The sum has half as many terms.</param>
    /// <returns>0..1.</returns>
    public static double CentralProbability(double t, int degreesOfFreedom)
    {
        if (double.IsPositiveInfinity(t))
            return 1;
        var angle = Math.Atan(t / Math.Sqrt(degreesOfFreedom));
        var (sine, cosine) = Math.SinCos(angle);
        var isOdd = degreesOfFreedom % 2 == 1;
        var term = isOdd ? cosine : 1.0;
        var sum = 0.0;
        for (var factor = isOdd ? 1 : 0; factor < degreesOfFreedom - 1; factor += 2)
        {
            sum += term;
            term *= cosine * cosine * (factor + 1) / (factor + 2);
        }
        return isOdd ? 2 / Math.PI * (angle + sine * sum) : sine * sum;
    }

    /// <summary>
    /// Two-sided 95% quantile, by bisection: 12.706 for 1 degree of freedom, 2.010 for 49, 1.960 in the limit.
    /// </summary>
    /// <param name="degreesOfFreedom">At least 1.</param>
    public static double Quantile95(int degreesOfFreedom)
    {
        var (low, high) = (1.9, 13.0);
        while (high - low > 1e-13 * high)
        {
            var middle = (low + high) / 2;
            (low, high) = CentralProbability(middle, degreesOfFreedom) < Confidence ? (middle, high) : (low, middle);
        }
        return (low + high) / 2;
    }
}

/// <summary>
/// Paired comparison of two learners on the same folds of the same rows. The variation between folds cancels in the differences, so much
/// smaller differences are significant than by comparing two separate intervals.
/// </summary>
/// <param name="First">Name of the first learner.</param>
/// <param name="Second">Name of the second learner.</param>
/// <param name="Values">Metric of the second learner minus metric of the first, repeat by repeat, fold by fold.</param>
/// <param name="Mean">Mean difference with its 95% corrected resampled t interval.</param>
public sealed record FoldDifferences(string First, string Second, IReadOnlyList<double> Values, ResampledMean Mean)
{
    /// <summary>Computes the differences of a metric fold by fold.</summary>
    /// <param name="first">Result of the first learner.</param>
    /// <param name="second">Result of the second learner on the same folds.</param>
    /// <param name="metric">Selects the metric, for example <c>metrics => metrics.Brier</c>.</param>
    /// <returns>Null if the metric is undefined in a fold for one of the learners.</returns>
    /// <exception cref="ArgumentException">The results come from different folds or different rows.</exception>
    public static FoldDifferences? Of(CrossValidationResult first, CrossValidationResult second, Func<Metrics, double?> metric)
    {
        if (first.FoldsSha256 != second.FoldsSha256)
            throw new ArgumentException(
                $"\"{first.Learner}\" and \"{second.Learner}\" were evaluated on different folds (SHA-256 {first.FoldsSha256} and {second.FoldsSha256}); use the same rows, folds and seed.");
        var values = first.Folds.Zip(second.Folds, (ofFirst, ofSecond) => metric(ofSecond) - metric(ofFirst)).ToArray();
        return ResampledMean.Of(values, first.Options.TestRowsPerTrainingRow) is { } mean
            ? new FoldDifferences(first.Learner, second.Learner, [.. values.Select(value => value!.Value)], mean)
            : null;
    }
}
