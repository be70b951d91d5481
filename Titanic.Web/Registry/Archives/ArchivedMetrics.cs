namespace Titanic.Web.Registry.Archives;

/// <summary><c>metrics.json</c>: how good a version is, and how its settings were found.</summary>
/// <param name="Evaluations">The model's own before those of what it has to beat.</param>
public sealed record ArchivedMetrics(IReadOnlyList<EvaluationRecord> Evaluations, SelectionRecord? Selection = null, ComparisonRecord? Comparison = null)
{
    public const string HoldOut = "hold-out";
    private const int MostEvaluations = 100, MostPoints = 100_000;

    public static ArchivedMetrics Of(ModelVersion version) => new(version.Evaluations, version.Selection, version.Comparison);

    /// <summary>The model itself on rows that it was not fitted on, by one fit.</summary>
    public EvaluationRecord? HeldOut => Evaluations.FirstOrDefault(evaluation => evaluation.Method == HoldOut);

    /// <summary>What keeps it from being shown, as a sentence; null when nothing does.</summary>
    public string? Problem()
    {
        if (Evaluations.Count is 0 or > MostEvaluations)
            return $"There are {Evaluations.Count} evaluations; there must be 1 to {MostEvaluations}.";
        foreach (var evaluation in Evaluations)
        {
            if (evaluation.Method.Length < 2 || evaluation.Rows < 0 || !evaluation.Metrics.ContainsKey("accuracy"))
                return $"The evaluation \"{Passengers.Excerpt.OfCell(evaluation.Method)}\" of {evaluation.Rows} rows cannot be shown; it must have a name, rows and an accuracy.";
            if (evaluation.Metrics.Count + (evaluation.Roc?.Count ?? 0) + (evaluation.PrecisionRecall?.Count ?? 0) + (evaluation.Calibration?.Count ?? 0) + (evaluation.Segments?.Count ?? 0) > MostPoints)
                return $"The evaluation \"{Passengers.Excerpt.OfCell(evaluation.Method)}\" has more than {MostPoints} figures.";
        }
        if (HeldOut is null)
            return $"There is no evaluation \"{HoldOut}\", which can be made again from the rows.";
        return Selection?.Search is { } search && search.Candidates.Count(candidate => candidate.IsChosen) is not 1 and var chosen
            ? $"The search for settings chose {chosen} candidates; it must have chosen one."
            : null;
    }
}
