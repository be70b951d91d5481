using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Benchmarks;

/// <summary>
/// Fits the survival model of the simulated passengers on the historical list, compares it with the coefficients in the code, and computes
/// the best possible accuracy on the simulated passengers.
/// </summary>
internal static class SurvivalModelBenchmark
{
    public static Task Measure(bool isQuick)
    {
        var passengers = new BundledDataset().Passengers;
        var fitted = Fit(passengers);
        Console.WriteLine("# fitted coefficients, as in Titanic.Web/Passengers/SurvivalModel.cs");
        foreach (var (term, value) in SurvivalModel.Coefficients.Zip(fitted, (coefficient, value) => (coefficient.Term, value)))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"#         (\"{term}\", {value:R}),"));
        BenchmarkResult.AtMost(
            "survival-model-coefficients-that-differ",
            SurvivalModel.Coefficients.Zip(fitted).Count(pair => Math.Abs(pair.First.Coefficient - pair.Second) > 1e-9), "of-36", 0);

        var (bayes, bayesOfBins, survivors) = BestAccuracies(isQuick ? 100_000 : 1_000_000);
        BenchmarkResult.Between("survival-model-share-of-survivors", survivors, "share", 0.37, 0.40);
        BenchmarkResult.Between("survival-model-best-accuracy-from-all-values", bayes, "share", 0.80, 0.83);
        BenchmarkResult.Between("survival-model-best-accuracy-from-the-binned-view", bayesOfBins, "share", 0.78, bayes);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Bayes accuracy: the mean of max(p, 1 - p) over the passengers, with p given all values or given only the codes of the binned view.
    /// </summary>
    private static (double OfValues, double OfBins, double Survivors) BestAccuracies(int draws)
    {
        var population = new RealisticPopulation(new BundledDataset());
        var random = new SeededRandom(1912);
        var byCode = new (double Survivors, int Rows)[BinnedPoint.Count];
        var sum = 0.0;
        for (var draw = 0; draw < draws; draw++)
        {
            var passenger = population.Draw("", random);
            var p = SurvivalModel.Probability(passenger.Pclass, passenger.Sex, passenger.AgeInYears, passenger.FareInPounds);
            sum += Math.Max(p, 1 - p);
            var code = BinnedEncoder.Encode(passenger).Code;
            byCode[code] = (byCode[code].Survivors + p, byCode[code].Rows + 1);
        }
        return (sum / draws, byCode.Sum(code => Math.Max(code.Survivors, code.Rows - code.Survivors)) / draws, byCode.Sum(code => code.Survivors) / draws);
    }

    /// <summary>Maximizes the penalized log-likelihood by Newton's method (iteratively reweighted least squares).</summary>
    private static double[] Fit(IReadOnlyList<Passenger> passengers)
    {
        var count = SurvivalModel.Coefficients.Count;
        var coefficients = new double[count];
        var terms = new double[count];
        for (var iteration = 0; iteration < 50; iteration++)
        {
            var gradient = new double[count];
            var hessian = new double[count, count];
            foreach (var passenger in passengers)
            {
                SurvivalModel.WriteTerms(passenger.Pclass, passenger.Sex, passenger.AgeInYears, passenger.FareInPounds, terms);
                var p = 1 / (1 + Math.Exp(-terms.Zip(coefficients, (term, coefficient) => term * coefficient).Sum()));
                for (var i = 0; i < count; i++)
                {
                    gradient[i] += ((passenger.Survived == true ? 1 : 0) - p) * terms[i];
                    for (var j = 0; j < count; j++)
                        hessian[i, j] += p * (1 - p) * terms[i] * terms[j];
                }
            }
            for (var i = 1; i < count; i++) // the intercept has no penalty
            {
                gradient[i] -= SurvivalModel.Ridge * coefficients[i];
                hessian[i, i] += SurvivalModel.Ridge;
            }
            var step = Solve(hessian, gradient);
            for (var i = 0; i < count; i++)
                coefficients[i] += step[i];
            if (step.Max(Math.Abs) < 1e-13)
                return coefficients;
        }
        return coefficients;
    }

    /// <summary>Solves a symmetric positive definite system by Gaussian elimination, which needs no pivots then.</summary>
    private static double[] Solve(double[,] matrix, double[] right)
    {
        var count = right.Length;
        for (var pivot = 0; pivot < count; pivot++)
        {
            for (var row = pivot + 1; row < count; row++)
            {
                var factor = matrix[row, pivot] / matrix[pivot, pivot];
                for (var column = pivot; column < count; column++)
                    matrix[row, column] -= factor * matrix[pivot, column];
                right[row] -= factor * right[pivot];
            }
        }
        for (var row = count - 1; row >= 0; row--)
        {
            for (var column = row + 1; column < count; column++)
                right[row] -= matrix[row, column] * right[column];
            right[row] /= matrix[row, row];
        }
        return right;
    }
}
