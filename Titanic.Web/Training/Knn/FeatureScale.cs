namespace Titanic.Web.Training.Knn;

/// <summary>
/// Mean and population standard deviation (divided by n, not n-1) of each feature over the training rows, as scikit-learn's
/// <c>StandardScaler</c>.
/// </summary>
internal sealed class FeatureScale
{
    /// <summary>
    /// Smallest deviation of a feature that is not constant. Squares of differences below 1E-162 underflow to 0, so that a feature of such a
    /// deviation would be ignored. The limit is larger, so that no distance overflows: values within ±1E+100 differ by at most 2E+150
    /// deviations, and the square of that is finite.
    /// </summary>
    private const double MinimumDeviation = 1e-50;

    private FeatureScale(double[] means, double[] standardDeviations)
    {
        Means = means;
        StandardDeviations = standardDeviations;
        InverseDeviations = [.. standardDeviations.Select(sd => sd > 0 ? 1 / sd : 0)];
    }

    /// <summary>d means.</summary>
    public double[] Means { get; }
    /// <summary>d standard deviations, at least 0; 0 for a constant feature.</summary>
    public double[] StandardDeviations { get; }

    /// <summary>
    /// 1/standard deviation of each feature, which scales differences of raw values; 0 for a constant feature, which is thereby ignored.
    /// </summary>
    public double[] InverseDeviations { get; }

    /// <summary>
    /// Computes the scale. The result is equal to the bit for equal rows in any order, because points are sorted and sums of integers are
    /// exact.
    /// </summary>
    /// <param name="points">At least one point.</param>
    /// <exception cref="TrainingFailedException">A feature has different values, but a standard deviation below 1E-50.</exception>
    public static FeatureScale Fit(WeightedSamples points)
    {
        var means = new double[points.Dimensions];
        var deviations = new double[points.Dimensions];
        for (var feature = 0; feature < points.Dimensions; feature++)
        {
            (means[feature], deviations[feature]) =
                FitConstant(points, feature) ?? FitIntegers(points, feature) ?? FitReals(points, feature);
        }
        return new FeatureScale(means, deviations);
    }

    // The computed mean of n values 0.1 differs from 0.1: a constant feature would have a tiny deviation and dominate all distances.
    private static (double Mean, double Deviation)? FitConstant(WeightedSamples points, int feature)
    {
        var first = points.Point(0)[feature];
        for (var point = 1; point < points.Count; point++)
        {
            if (points.Point(point)[feature] != first)
                return null;
        }
        return (first, 0);
    }

    // Bin codes are integers. Their sums are exact, so two features of equal spread have the same bits, and equal distances along either
    // feature tie. Int128 holds n * sum(x^2) for any int n and |x| up to 2^31.
    private static (double Mean, double Deviation)? FitIntegers(WeightedSamples points, int feature)
    {
        var (sum, squares) = ((Int128)0, (Int128)0);
        for (var point = 0; point < points.Count; point++)
        {
            var value = points.Point(point)[feature];
            if (!double.IsInteger(value) || Math.Abs(value) > int.MaxValue)
                return null;
            var (code, rows) = ((long)value, points.Negatives[point] + points.Positives[point]);
            sum += (Int128)code * rows;
            squares += (Int128)(code * code) * rows;
        }
        var squaredSpread = points.Rows * squares - sum * sum;
        return ((double)sum / points.Rows, Math.Sqrt((double)squaredSpread) / points.Rows);
    }

    private static (double Mean, double Deviation) FitReals(WeightedSamples points, int feature)
    {
        var fitted = FitInTwoPasses(points, feature);
        return fitted.Deviation >= MinimumDeviation
            ? fitted
            : throw new TrainingFailedException(FormattableString.Invariant(
                $"The values of '{points.FeatureNames[feature]}' differ, but their standard deviation is below {MinimumDeviation}. Multiply them by a factor, or remove the feature."));
    }

    private static (double Mean, double Deviation) FitInTwoPasses(WeightedSamples points, int feature)
    {
        var sum = 0.0;
        for (var point = 0; point < points.Count; point++)
            sum += points.Point(point)[feature] * (points.Negatives[point] + points.Positives[point]);
        var mean = sum / points.Rows + 0.0; // +0 instead of -0, because equal models must have equal bytes

        var squares = 0.0;
        for (var point = 0; point < points.Count; point++)
        {
            var difference = points.Point(point)[feature] - mean;
            squares += difference * difference * (points.Negatives[point] + points.Positives[point]);
        }
        return (mean, Math.Sqrt(squares / points.Rows));
    }
}
