namespace Titanic.Web.Training.Evaluation;

/// <param name="Repeats">How often all rows are dealt anew, 1..1000.</param>
/// <param name="Folds">Parts of one deal, at least 2; each is predicted by a model fitted on the others.</param>
/// <param name="Seed">Same seed and rows, same folds, on every machine.</param>
public sealed record CrossValidationOptions(int Repeats = 10, int Folds = 5, long Seed = 1912)
{
    /// <summary>Size of a fold to that of the others together.</summary>
    internal double TestRowsPerTrainingRow => 1.0 / (Folds - 1);

    /// <summary>A sentence saying what is wrong, or null; without <paramref name="rows"/> only the folds' lower end is checked.</summary>
    public string? Problem(int? rows = null)
    {
        if (Repeats is < 1 or > 1000)
            return $"Cross-validation has {Repeats} repeats; it must be 1..1000.";
        if (Folds < 2 || Folds > rows)
            return rows is { } known
                ? $"Cross-validation has {Folds} folds; it must be between 2 and the number of rows ({known})."
                : $"Cross-validation has {Folds} folds; it must be at least 2.";
        return null;
    }
}
