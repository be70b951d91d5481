namespace Titanic.Web.Training.Evaluation;

/// <summary>By how much the second of two models loses more than the first, on average over identical rows.</summary>
/// <param name="First">The first model's mean loss.</param>
/// <param name="Difference">The second's minus the first's: below 0 the second is better.</param>
/// <param name="Interval">Normal interval of the mean of the rows' differences; null for fewer than two rows.</param>
public sealed record PairedMean(double First, double Second, double Difference, Interval? Interval)
{
    /// <inheritdoc cref="PairedRows.Of"/>
    /// <param name="loss">Such as <see cref="Metrics.SquaredError"/>.</param>
    /// <param name="significanceLevel">How often the interval misses the truth, 0..1.</param>
    /// <returns>Null without rows.</returns>
    public static PairedMean? Of(
        IReadOnlyList<ScoredRow> first, IReadOnlyList<ScoredRow> second, Func<ScoredRow, double> loss, double significanceLevel = 0.05)
    {
        var (rows, ofFirst, ofSecond, squares) = (0L, 0.0, 0.0, 0.0);
        foreach (var pair in PairedRows.Of(first, second))
        {
            var (one, other) = (loss(pair.First), loss(pair.Second));
            rows += pair.Rows;
            ofFirst += pair.Rows * one;
            ofSecond += pair.Rows * other;
            squares += pair.Rows * (other - one) * (other - one);
        }
        if (rows == 0)
            return null;
        var difference = (ofSecond - ofFirst) / rows;
        return new PairedMean(ofFirst / rows, ofSecond / rows, difference, rows < 2 ? null : Around(difference, squares, rows, significanceLevel));
    }

    private static Interval Around(double difference, double squares, long rows, double significanceLevel)
    {
        var variance = Math.Max(0, squares - rows * difference * difference) / (rows - 1);
        return Evaluation.Interval.Around(difference, NormalDistribution.TwoSidedQuantile(significanceLevel) * Math.Sqrt(variance / rows));
    }
}
