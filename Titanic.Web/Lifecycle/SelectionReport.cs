using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Lifecycle;

/// <summary>Puts a search into the registry's words.</summary>
internal static class SelectionReport
{
    /// <param name="rows">Searched on.</param>
    /// <param name="leftOut">A sentence on what was not tried, or null.</param>
    public static SearchRecord Of(ModelSelection selection, int rows, string? leftOut)
    {
        var choice = selection.Choice;
        var options = choice.Scores[0].Options;
        return new SearchRecord(
            rows, options.Repeats, options.Folds, options.Seed, leftOut,
            [.. choice.Ranked().Select((scores, place) => Of(scores, place + 1, choice))],
            new NestedRecord(
                selection.Nested.Brier.Mean!.Value, selection.Nested.Accuracy.Mean!.Value, [.. selection.ChosenInFolds.Select(candidate => candidate.ToString())]));
    }

    /// <summary>Whether the record is about this candidate.</summary>
    public static bool IsOf(Candidate candidate, CandidateRecord record) =>
        record.View == candidate.View.Schema.ToString() && ModelReport.AreHyperparameters(record.Hyperparameters, candidate.Knn);

    private static CandidateRecord Of(CandidateScores scores, int rank, Choice choice)
    {
        var (candidate, gain) = (scores.Candidate, scores.GainOver(choice.Scores[0]));
        return new CandidateRecord(
            rank, candidate.View.Schema.ToString(), ModelReport.Hyperparameters(candidate.Knn),
            scores.Brier.Mean, scores.Brier.StandardError, gain.Mean, gain.StandardError, scores.Accuracy,
            IsConfigured: candidate == choice.Configured, IsChosen: candidate == choice.Chosen, choice.ReasonFor(candidate));
    }
}

/// <summary>What to train, and why.</summary>
/// <param name="Dataset">As the candidate's view sees it.</param>
/// <param name="Record">Null where nothing was to be chosen.</param>
/// <param name="Nested">What choosing this way is worth; null where nothing was searched.</param>
public sealed record SettingsFound(Candidate Candidate, TrainingDataset Dataset, SelectionRecord? Record, CrossValidationResult? Nested);
