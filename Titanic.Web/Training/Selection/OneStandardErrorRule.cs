namespace Titanic.Web.Training.Selection;

/// <summary>
/// Chooses a candidate. The configured hyperparameters are kept unless a candidate's Brier score is better by more than one standard
/// error of the paired difference, because the best of many equal candidates always appears slightly better. Among those that are better,
/// the simplest one within one standard error of the best is chosen: L. Breiman, J. H. Friedman, R. A. Olshen and C. J. Stone, "Classification and
/// Regression Trees", 1984.
/// </summary>
public static class OneStandardErrorRule
{
    /// <summary>Applies the rule.</summary>
    /// <param name="scores">The configured candidate first; all with the same folds.</param>
    public static SelectionResult Choose(IReadOnlyList<CandidateScores> scores)
    {
        var configured = scores[0];
        var better = scores.Skip(1).Where(other => other.Beats(configured)).ToList();
        var best = better.MinBy(other => other.Brier.Mean) ?? configured;
        var closeToBest = better.Where(other => !best.Beats(other)).Select(other => other.Candidate);
        return new SelectionResult(
            Candidate.OrderBySimplicity(closeToBest).FirstOrDefault(configured.Candidate), best.Candidate, scores, [.. better.Select(other => other.Candidate)]);
    }
}

/// <summary>Result of a hyperparameter search: the scores of all candidates, the chosen one, and the reason.</summary>
/// <param name="Chosen">The chosen candidate.</param>
/// <param name="Best">Lowest Brier score among the better candidates; the configured candidate if there are none.</param>
/// <param name="Scores">All candidates, the configured one first.</param>
/// <param name="BetterCandidates">Candidates that are better than the configured one by more than one standard error.</param>
public sealed record SelectionResult(Candidate Chosen, Candidate Best, IReadOnlyList<CandidateScores> Scores, IReadOnlyList<Candidate> BetterCandidates)
{
    public Candidate Configured => Scores[0].Candidate;

    /// <summary>All candidates by ascending Brier score; equal scores by simplicity.</summary>
    public IReadOnlyList<CandidateScores> Ranked()
    {
        var simplicity = Candidate.OrderBySimplicity(Scores.Select(scores => scores.Candidate)).ToList();
        return [.. Scores.OrderBy(scores => scores.Brier.Mean).ThenBy(scores => simplicity.IndexOf(scores.Candidate))];
    }

    /// <summary>All candidates as the registry stores them, best first.</summary>
    public IReadOnlyList<CandidateRecord> ToRecords() => [.. Ranked().Select((scores, index) =>
    {
        var (candidate, gain) = (scores.Candidate, scores.GainOver(Scores[0]));
        return new CandidateRecord(
            index + 1, candidate.View.Schema.ToString(), candidate.Knn.ToHyperparameters(),
            scores.Brier.Mean, scores.Brier.StandardError, gain.Mean, gain.StandardError, scores.Accuracy,
            IsConfigured: candidate == Configured, IsChosen: candidate == Chosen, ReasonFor(candidate));
    })];

    /// <summary>Why the chosen candidate was chosen, as a sentence.</summary>
    public string Reason => (BetterCandidates.Count, Chosen == Best) switch
    {
        (0, _) => $"The configured hyperparameters are used: none of {Quantity.Of(Scores.Count - 1, "other candidate")} has a Brier score that is better by more than one standard error of the difference.",
        (var better, true) => $"{Format.Count(better)} of {Quantity.Of(Scores.Count - 1, "other candidate")} {(better == 1 ? "is" : "are")} better than the configured hyperparameters by more than one standard error. The best of them is used; no simpler one is within one standard error of it.",
        var (better, _) => $"{Format.Count(better)} of {Quantity.Of(Scores.Count - 1, "other candidate")} {(better == 1 ? "is" : "are")} better than the configured hyperparameters by more than one standard error. The simplest of them within one standard error of the best ({LearnerNames.Hyperparameters(Best.ToString())}) is used.",
    };

    /// <summary>Why a candidate was chosen or not, as a phrase.</summary>
    public string ReasonFor(Candidate candidate)
    {
        if (candidate == Chosen)
            return candidate == Configured ? "configured; no candidate is better" : candidate == Best ? "the best" : "the simplest within one standard error of the best";
        if (candidate == Configured)
            return "configured; another is better by more than one standard error";
        if (!BetterCandidates.Contains(candidate))
            return "not better than the configured one by more than one standard error";
        return candidate == Best ? "the best, but a simpler one is within one standard error" : "better than the configured one, but not the simplest within one standard error of the best";
    }
}
