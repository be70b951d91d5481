namespace Titanic.Web.Training.Evaluation;

internal static class Binomial
{
    /// <summary>P(X &lt;= successes) for X ~ Binomial(trials, 1/2). In logarithms, so it neither overflows nor vanishes early.</summary>
    public static double LowerTailOfFairCoin(int successes, int trials)
    {
        var logOfLargest = LogFactorial(trials) - LogFactorial(successes) - LogFactorial(trials - successes) - trials * Math.Log(2);
        // From the largest term downwards, each relative to it: C(n, i-1) / C(n, i) = i / (n-i+1).
        var (sum, term) = (1.0, 1.0);
        for (var i = successes; i > 0 && term > 1e-20 * sum; i--)
        {
            term *= i / (trials - i + 1.0);
            sum += term;
        }
        return Math.Min(1, sum * Math.Exp(logOfLargest));
    }

    /// <summary>ln(n!): the product itself while it is exact in a double, Stirling's series beyond (its error is then below 1e-14).</summary>
    private static double LogFactorial(int n)
    {
        if (n <= 18)
        {
            var product = 1.0;
            for (var factor = 2; factor <= n; factor++)
                product *= factor;
            return Math.Log(product);
        }
        var x = n + 1.0;
        var inverseSquare = 1 / (x * x);
        var series = (1.0 / 12 - inverseSquare * (1.0 / 360 - inverseSquare * (1.0 / 1260 - inverseSquare / 1680))) / x;
        return (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI) + series;
    }
}
