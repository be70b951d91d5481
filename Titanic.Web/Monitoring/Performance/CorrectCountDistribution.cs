using MathNet.Numerics.Distributions;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring.Performance;

/// <summary>
/// The distribution of the number of correct predictions among rows without outcomes: Poisson-binomial, the sum of independent rows that are
/// correct with their own probabilities, mixed over the uncertainty of these probabilities.
/// </summary>
/// <remarks>
/// The probability of a block has a beta distribution whose parameters sum to the number of calibration rows, so that the number of correct
/// rows of the block is beta-binomial; with certain probabilities it is binomial. The blocks are independent, and their distributions are
/// convolved directly: all terms are at least 0, so that no digits cancel.
/// </remarks>
public static class CorrectCountDistribution
{
    /// <summary>
    /// Maximum number of rows of the exact distribution, which needs a time that grows with their square; the dashboard has an interval for each of
    /// up to 90 versions. Above it, the normal distribution with the exact mean and variance replaces it.
    /// </summary>
    public const int MaximumExactRows = 1_000;

    private const double Tail = 0.025;

    /// <summary>The probabilities of 0, 1, … n correct rows.</summary>
    public static double[] Of(IEnumerable<CorrectBlock> blocks) => blocks.Aggregate((double[])[1.0], (sum, block) => Convolve(sum, OfBlock(block)));

    /// <summary>The central 95% interval of the share of correct rows, 0..1.</summary>
    /// <param name="blocks">At least one row.</param>
    public static Interval Interval95(IReadOnlyCollection<CorrectBlock> blocks)
    {
        var rows = blocks.Sum(block => (long)block.Rows);
        if (rows > MaximumExactRows)
        {
            var normal = new Normal(blocks.Sum(block => block.Rows * block.Probability), Math.Sqrt(blocks.Sum(VarianceOf)));
            return new Interval(normal.InverseCumulativeDistribution(Tail) / rows, normal.InverseCumulativeDistribution(1 - Tail) / rows).Clamp(0, 1);
        }
        var probabilities = Of(blocks);
        return new Interval((double)Quantile(Tail) / rows, (double)Quantile(1 - Tail) / rows);

        int Quantile(double share)
        {
            var (correct, cumulated) = (0, probabilities[0]);
            while (cumulated < share && correct < rows)
                cumulated += probabilities[++correct];
            return correct;
        }
    }

    private static double VarianceOf(CorrectBlock block) =>
        block.Rows * block.Probability * (1 - block.Probability) * (1 + ((block.Rows - 1) / (block.CalibrationRows + 1)));

    /// <summary>From the most probable number in both directions by the ratio of neighboring terms, so that no term underflows early.</summary>
    private static double[] OfBlock(CorrectBlock block)
    {
        var (rows, probability, perRow) = (block.Rows, block.Probability, 1 / block.CalibrationRows);
        double Ratio(int correct) =>
            (double)(rows - correct) / (correct + 1) * (probability + (correct * perRow)) / (1 - probability + ((rows - correct - 1) * perRow));

        var terms = new double[rows + 1];
        var start = (int)Math.Round(rows * probability);
        terms[start] = 1;
        for (var correct = start; correct < rows; correct++)
            terms[correct + 1] = terms[correct] * Ratio(correct);
        for (var correct = start; correct > 0; correct--)
            terms[correct - 1] = terms[correct] / Ratio(correct - 1);
        var sum = terms.Sum();
        return [.. terms.Select(term => term / sum)];
    }

    private static double[] Convolve(double[] first, double[] second)
    {
        var sum = new double[first.Length + second.Length - 1];
        for (var i = 0; i < first.Length; i++)
        {
            for (var j = 0; j < second.Length; j++)
                sum[i + j] += first[i] * second[j];
        }
        return sum;
    }
}

/// <summary>Rows without outcomes that are correct with one uncertain probability.</summary>
/// <param name="Probability">Expected share of correct rows, above 0 and below 1.</param>
/// <param name="Rows">At least 0.</param>
/// <param name="CalibrationRows">Number of rows that <paramref name="Probability"/> was estimated from, above 0; infinity if it is certain.</param>
public readonly record struct CorrectBlock(double Probability, int Rows, double CalibrationRows = double.PositiveInfinity);
