using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Lifecycle;

/// <summary>Two versions on identical rows that neither has learned.</summary>
/// <param name="Rows">How many.</param>
/// <param name="McNemarPValue">Two-sided, exact: whether chance explains who alone was right.</param>
public sealed record MetricComparison(
    int Rows, int BothRight, int OnlyFirstRight, int OnlySecondRight, int BothWrong, double McNemarPValue, IReadOnlyList<ComparedMetric> Metrics)
{
    /// <param name="first">Answers of the one version.</param>
    /// <param name="second">Answers of the other for the same rows in the same order.</param>
    internal static MetricComparison Of(IReadOnlyList<ScoredRow> first, IReadOnlyList<ScoredRow> second)
    {
        var (all, survivors, victims) = (PairedComparison.Of(first, second), Among(first, second, survived: true), Among(first, second, survived: false));
        return new MetricComparison(
            all.Rows, all.BothRight, all.OnlyFirstRight, all.OnlySecondRight, all.BothWrong, all.McNemarPValue,
            [
                Share("Accuracy", all), Share("Recall (of survivors)", survivors), Share("Specificity (of victims)", victims), Balanced(survivors, victims),
                Mean("Brier score", first, second, Training.Evaluation.Metrics.SquaredError), Mean("Log loss", first, second, Training.Evaluation.Metrics.LogLossOf),
            ]);
    }

    private static PairedComparison Among(IReadOnlyList<ScoredRow> first, IReadOnlyList<ScoredRow> second, bool survived) =>
        PairedComparison.Of([.. first.Where(row => row.Actual == survived)], [.. second.Where(row => row.Actual == survived)]);

    private static ComparedMetric Share(string name, PairedComparison paired)
    {
        double? Of(int only) => paired.Rows == 0 ? null : (paired.BothRight + only) / (double)paired.Rows;
        return new ComparedMetric(
            name, paired.Rows, LowerIsBetter: false, Of(paired.OnlyFirstRight), Of(paired.OnlySecondRight),
            paired.GainInterval() is { } interval ? new MetricValue(paired.AccuracyGain, interval.Lower, interval.Upper) : null);
    }

    /// <summary>The mean of two independent differences; its interval from theirs (MOVER: Zou and Donner, 2008).</summary>
    private static ComparedMetric Balanced(PairedComparison survivors, PairedComparison victims)
    {
        var (recall, specificity) = (Share("", survivors), Share("", victims));
        var rows = survivors.Rows + victims.Rows;
        if (recall.Difference is not { Value: { } one, Low: { } oneLow, High: { } oneHigh } || specificity.Difference is not { Value: { } other, Low: { } otherLow, High: { } otherHigh })
            return new ComparedMetric("Balanced accuracy", rows, LowerIsBetter: false, null, null, null);
        var middle = (one + other) / 2;
        return new ComparedMetric(
            "Balanced accuracy", rows, LowerIsBetter: false, (recall.First + specificity.First) / 2, (recall.Second + specificity.Second) / 2,
            new MetricValue(middle, middle - double.Hypot(one - oneLow, other - otherLow) / 2, middle + double.Hypot(oneHigh - one, otherHigh - other) / 2));
    }

    private static ComparedMetric Mean(string name, IReadOnlyList<ScoredRow> first, IReadOnlyList<ScoredRow> second, Func<ScoredRow, double> loss)
    {
        var mean = PairedMean.Of(first, second, loss);
        return new ComparedMetric(
            name, first.Sum(row => row.Rows), LowerIsBetter: true, mean?.First, mean?.Second,
            mean is null ? null : new MetricValue(mean.Difference, mean.Interval?.Lower, mean.Interval?.Upper));
    }
}

/// <param name="Rows">That the metric is about.</param>
/// <param name="Difference">The second's minus the first's, with the 95 % interval.</param>
public sealed record ComparedMetric(string Name, int Rows, bool LowerIsBetter, double? First, double? Second, MetricValue? Difference);
