using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Registry;

/// <summary><c>metrics.json</c>: how good a version is, and how its settings were found.</summary>
/// <param name="Evaluations">The model's own before those of what it has to beat.</param>
public sealed record ArchivedMetrics(IReadOnlyList<EvaluationRecord> Evaluations, SelectionRecord? Selection = null, ComparisonRecord? Comparison = null)
{
    /// <summary>The one that can be made again from the rows alone.</summary>
    public const string Method = "hold-out";

    public const string Majority = "majority";

    private const int MostEvaluations = 100, MostPoints = 100_000;

    public static ArchivedMetrics Of(ModelVersion version) => new(version.Evaluations, version.Selection, version.Comparison);

    /// <summary>A learner on rows that it was not fitted on, by one fit; null where it was not measured so.</summary>
    public EvaluationRecord? HeldOut(string subject) => Evaluations.FirstOrDefault(evaluation => evaluation.Method == Method && evaluation.Subject == subject);

    /// <summary>What keeps it from being shown, as a sentence; null when nothing does.</summary>
    public string? Problem()
    {
        if (Evaluations.Count is 0 or > MostEvaluations)
            return $"There are {Evaluations.Count} evaluations; there must be 1 to {MostEvaluations}.";
        foreach (var evaluation in Evaluations)
        {
            if (evaluation.Method.Length < 2 || evaluation.Rows < 0 || !evaluation.Metrics.ContainsKey("accuracy") || evaluation.Metrics.Values.Any(figure => figure is null))
                return $"The evaluation \"{Passengers.Excerpt.Truncate(evaluation.Method)}\" of {evaluation.Rows} rows cannot be shown; it must have a name, rows and an accuracy.";
            if (evaluation.Metrics.Count + (evaluation.Roc?.Count ?? 0) + (evaluation.PrecisionRecall?.Count ?? 0) + (evaluation.Calibration?.Count ?? 0) + (evaluation.Segments?.Count ?? 0) > MostPoints)
                return $"The evaluation \"{Passengers.Excerpt.Truncate(evaluation.Method)}\" has more than {MostPoints} figures.";
        }
        return Selection?.Search is { } search && search.Candidates.Count(candidate => candidate.IsChosen) is not 1 and var chosen
            ? $"The search for settings chose {chosen} candidates; it must have chosen one."
            : null;
    }
}
