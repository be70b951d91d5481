using System.Text.Json.Serialization;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Lifecycle;

/// <summary>Compares two versions on identical rows that neither model was fitted on.</summary>
/// <param name="Rows">Number of compared rows.</param>
/// <param name="BothRight">Rows that both versions predict correctly.</param>
/// <param name="OnlyFirstRight">Rows that only the first version predicts correctly.</param>
/// <param name="OnlySecondRight">Rows that only the second version predicts correctly.</param>
/// <param name="BothWrong">Rows that both versions predict wrongly.</param>
/// <param name="McNemarPValue">Two-sided p-value of the exact McNemar test, 0..1.</param>
/// <param name="Metrics">Accuracy, recall, specificity, balanced accuracy, Brier score and log loss of both versions.</param>
public sealed record MetricComparison(
    int Rows, int BothRight, int OnlyFirstRight, int OnlySecondRight, int BothWrong, double McNemarPValue, IReadOnlyList<ComparedMetric> Metrics)
{
    /// <param name="first">Predictions of the first version.</param>
    /// <param name="second">Predictions of the second version for the same rows in the same order.</param>
    internal static MetricComparison Of(IReadOnlyList<ScoredRow> first, IReadOnlyList<ScoredRow> second)
    {
        var (all, survivors, victims) = (PairedComparison.Of(first, second), WithOutcome(first, second, survived: true), WithOutcome(first, second, survived: false));
        return new MetricComparison(
            all.Rows, all.BothCorrect, all.OnlyFirstCorrect, all.OnlySecondCorrect, all.BothWrong, all.McNemarPValue,
            [
                ProportionMetric("accuracy", "Accuracy", all), ProportionMetric("recall", "Recall (of survivors)", survivors), ProportionMetric("specificity", "Specificity (of victims)", victims), BalancedAccuracy(survivors, victims),
                MeanMetric("brier", "Brier score", first, second, Training.Evaluation.Metrics.SquaredError), MeanMetric("logLoss", "Log loss", first, second, Training.Evaluation.Metrics.LogLossOf),
            ]);
    }

    private static PairedComparison WithOutcome(IReadOnlyList<ScoredRow> first, IReadOnlyList<ScoredRow> second, bool survived) =>
        PairedComparison.Of([.. first.Where(row => row.Actual == survived)], [.. second.Where(row => row.Actual == survived)]);

    private static ComparedMetric ProportionMetric(string key, string name, PairedComparison paired)
    {
        double? ShareOf(int only) => paired.Rows == 0 ? null : (paired.BothCorrect + only) / (double)paired.Rows;
        return new ComparedMetric(
            key, name, paired.Rows, LowerIsBetter: false, ShareOf(paired.OnlyFirstCorrect), ShareOf(paired.OnlySecondCorrect),
            paired.GainInterval() is { } interval ? new MetricValue(paired.AccuracyGain, interval.Lower, interval.Upper) : null,
            paired.OnlyFirstCorrect + paired.OnlySecondCorrect);
    }

    /// <summary>
    /// Balanced accuracy: the mean of recall and specificity, which are measured on different rows and so are independent. The interval
    /// follows from their intervals by MOVER: G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures: a
    /// general approach", Statistics in Medicine 27, 2008, doi:10.1002/sim.3095.
    /// </summary>
    private static ComparedMetric BalancedAccuracy(PairedComparison survivors, PairedComparison nonSurvivors)
    {
        var (recall, specificity) = (ProportionMetric("", "", survivors), ProportionMetric("", "", nonSurvivors));
        var rows = survivors.Rows + nonSurvivors.Rows;
        if (recall.Difference is not { Value: { } one, Low: { } oneLow, High: { } oneHigh } || specificity.Difference is not { Value: { } other, Low: { } otherLow, High: { } otherHigh })
            return new ComparedMetric("balancedAccuracy", "Balanced accuracy", rows, LowerIsBetter: false, null, null, null);
        var middle = (one + other) / 2;
        return new ComparedMetric(
            "balancedAccuracy", "Balanced accuracy", rows, LowerIsBetter: false, (recall.First + specificity.First) / 2, (recall.Second + specificity.Second) / 2,
            new MetricValue(
                middle, middle - double.Hypot(one - oneLow, other - otherLow) / 2, middle + double.Hypot(oneHigh - one, otherHigh - other) / 2),
            recall.DiscordantRows + specificity.DiscordantRows);
    }

    private static ComparedMetric MeanMetric(string key, string name, IReadOnlyList<ScoredRow> first, IReadOnlyList<ScoredRow> second, Func<ScoredRow, double> loss)
    {
        var mean = PairedMean.Of(first, second, loss);
        return new ComparedMetric(
            key, name, first.Sum(row => row.Rows), LowerIsBetter: true, mean?.First, mean?.Second,
            mean is null ? null : new MetricValue(mean.Difference, mean.Interval?.Lower, mean.Interval?.Upper));
    }
}

/// <summary>One metric of both versions.</summary>
/// <param name="Key">Key of the metric, as in stored evaluations.</param>
/// <param name="Name">Display name.</param>
/// <param name="Rows">Number of rows on which the metric is computed.</param>
/// <param name="LowerIsBetter">True for losses, false for accuracies.</param>
/// <param name="First">Value of the first version; null without rows.</param>
/// <param name="Second">Value of the second version; null without rows.</param>
/// <param name="Difference">Second minus first, with its 95% interval; null without rows.</param>
/// <param name="DiscordantRows">For proportions: number of rows that exactly one of the versions predicts correctly.</param>
public sealed record ComparedMetric(
    [property: JsonIgnore] string Key, string Name, int Rows, bool LowerIsBetter, double? First, double? Second, MetricValue? Difference,
    [property: JsonIgnore] int? DiscordantRows = null);
