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

    /// <summary>The interval's width around another estimate of the same figure, such as that of a repeat's answers taken together.</summary>
    internal Interval Around(double estimate)
    {
        var half = StudentT.Quantile95(DegreesOfFreedom) * StandardError;
        return new Interval(estimate - half, estimate + half);
    }
}

/// <summary>
/// Student's t distribution with a whole number of degrees of freedom, for which it is a finite sum. No library: its quantile is part of stored
/// intervals, which a reproduction compares bit by bit, so it must not change with a package's version.
/// </summary>
internal static class StudentT
{
    private const double Confidence = 0.95;

    /// <summary>P(|T| &lt;= t): Abramowitz and Stegun (1964), 26.7.3 and 26.7.4.</summary>
    /// <param name="t">At least 0.</param>
    /// <param name="degreesOfFreedom">At least 1; takes half as many steps.</param>
    public static double Within(double t, int degreesOfFreedom)
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

    /// <summary>Two-sided 95 % quantile: 12.706 for 1 degree of freedom, 2.010 for 49, towards 1.960 for many. By halving.</summary>
    public static double Quantile95(int degreesOfFreedom)
    {
        var (low, high) = (1.9, 13.0);
        while (high - low > 1e-13 * high)
        {
            var middle = (low + high) / 2;
            (low, high) = Within(middle, degreesOfFreedom) < Confidence ? (middle, high) : (low, middle);
        }
        return (low + high) / 2;
    }
}

/// <summary>
/// Two learners on the same folds of the same rows, fold by fold: what the deal does to both cancels, so far smaller differences can be
/// told from chance than by comparing two intervals.
/// </summary>
/// <param name="Values">The second learner's figure minus the first's, repeat by repeat, fold by fold.</param>
/// <param name="Mean">Over all folds, with its 95 % interval by the corrected resampled t.</param>
public sealed record FoldDifferences(string First, string Second, IReadOnlyList<double> Values, ResampledMean Mean)
{
    /// <param name="figure">Such as <c>metrics => metrics.Brier</c>.</param>
    /// <returns>Null if the figure is undefined in a fold for one of the learners.</returns>
    /// <exception cref="ArgumentException">The two were not measured on the same folds of the same rows.</exception>
    public static FoldDifferences? Of(CrossValidationResult first, CrossValidationResult second, Func<Metrics, double?> figure)
    {
        if (first.FoldsSha256 != second.FoldsSha256)
            throw new ArgumentException(
                $"'{first.Learner}' and '{second.Learner}' were measured on other folds (deals {first.FoldsSha256} and {second.FoldsSha256}); a pair needs the same.");
        var values = first.Folds.Zip(second.Folds, (one, other) => figure(other) - figure(one)).ToArray();
        return ResampledMean.Of(values, first.Options.TestRowsPerTrainingRow) is { } mean
            ? new FoldDifferences(first.Learner, second.Learner, [.. values.Select(value => value!.Value)], mean)
            : null;
    }
}
