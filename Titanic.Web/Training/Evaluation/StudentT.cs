namespace Titanic.Web.Training.Evaluation;

/// <summary>Student's t distribution with a whole number of degrees of freedom, for which it is a finite sum.</summary>
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
