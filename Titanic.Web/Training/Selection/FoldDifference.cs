namespace Titanic.Web.Training.Selection;

/// <summary>A mean of differences between two learners, fold by fold on the same folds.</summary>
/// <param name="StandardError">
/// Of the mean, corrected for folds that share their training rows (Nadeau and Bengio, 2003): the variance of the differences times
/// (1/n + tested rows/learned rows) instead of 1/n alone.
/// </param>
public readonly record struct FoldDifference(double Mean, double StandardError)
{
    /// <summary>Brier score of the first minus that of the second.</summary>
    public static FoldDifference OfBrier(IReadOnlyList<FoldScore> first, IReadOnlyList<FoldScore> second, int folds) =>
        Of([.. first.Zip(second, (a, b) => a.Brier - b.Brier)], folds);

    /// <param name="folds">Of each repeat: tested rows/learned rows is 1/(folds - 1).</param>
    public static FoldDifference Of(IReadOnlyList<double> differences, int folds)
    {
        var mean = differences.Average();
        var variance = differences.Sum(difference => (difference - mean) * (difference - mean)) / (differences.Count - 1);
        return new FoldDifference(mean, Math.Sqrt(variance * (1.0 / differences.Count + 1.0 / (folds - 1))));
    }
}
