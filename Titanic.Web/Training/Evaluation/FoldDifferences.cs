namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// Two learners on the same folds of the same rows, fold by fold: what the deal does to both cancels, so far smaller differences can be
/// told from chance than by comparing two intervals.
/// </summary>
/// <param name="Values">The second learner's figure minus the first's, repeat by repeat, fold by fold.</param>
/// <param name="Mean">Over all folds, with its 95 % interval and p-value by the corrected resampled t.</param>
public sealed record FoldDifferences(string First, string Second, IReadOnlyList<double> Values, ResampledMean Mean)
{
    /// <param name="figure">Such as <c>metrics => metrics.Brier</c>.</param>
    /// <returns>Null if the figure is undefined in a fold for one of the learners.</returns>
    /// <exception cref="ArgumentException">The two were not measured on the same folds of the same rows.</exception>
    public static FoldDifferences? Of(CrossValidationResult first, CrossValidationResult second, Func<Metrics, double?> figure)
    {
        if (first.DealSha256 != second.DealSha256)
            throw new ArgumentException(
                $"'{first.Learner}' and '{second.Learner}' were measured on other folds (deals {first.DealSha256} and {second.DealSha256}); a pair needs the same.");
        var values = first.Folds.Zip(second.Folds, (one, other) => figure(other) - figure(one)).ToArray();
        return ResampledMean.Of(values, first.Options.TestRowsPerTrainingRow) is { } mean
            ? new FoldDifferences(first.Learner, second.Learner, [.. values.Select(value => value!.Value)], mean)
            : null;
    }
}
