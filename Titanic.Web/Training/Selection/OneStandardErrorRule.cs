namespace Titanic.Web.Training.Selection;

/// <summary>
/// Which candidate to take. The configured settings stand unless a candidate's Brier score is better by more than one standard error
/// of their difference, fold by fold: of many candidates the luckiest always looks a little better. Of those that are, the simplest
/// within one standard error of the best is taken (Breiman et al., 1984).
/// </summary>
public static class OneStandardErrorRule
{
    /// <param name="scores">The configured candidate first.</param>
    public static SelectionResult Choose(IReadOnlyList<CandidateScores> scores)
    {
        var configured = scores[0];
        var rivals = scores.Skip(1).Where(rival => rival.Beats(configured)).ToList();
        var best = rivals.MinBy(rival => rival.Brier.Mean) ?? configured;
        var closeToBest = rivals.Where(rival => !best.Beats(rival)).Select(rival => rival.Candidate);
        return new SelectionResult(
            Candidate.BySimplicity(closeToBest).FirstOrDefault(configured.Candidate), best.Candidate, scores, [.. rivals.Select(rival => rival.Candidate)]);
    }
}

/// <summary>A search's outcome: every candidate's figures, which one was taken, and why.</summary>
/// <param name="Best">The lowest Brier score of those that beat the configured candidate; the configured one where none does.</param>
/// <param name="Scores">The configured candidate first.</param>
/// <param name="BetterCandidates">Those that beat the configured candidate by more than one standard error.</param>
public sealed record SelectionResult(Candidate Chosen, Candidate Best, IReadOnlyList<CandidateScores> Scores, IReadOnlyList<Candidate> BetterCandidates)
{
    public Candidate Configured => Scores[0].Candidate;

    /// <summary>All candidates, lowest Brier score first; of equals the simpler.</summary>
    public IReadOnlyList<CandidateScores> Ranked()
    {
        var places = Candidate.BySimplicity(Scores.Select(scores => scores.Candidate)).ToList();
        return [.. Scores.OrderBy(scores => scores.Brier.Mean).ThenBy(scores => places.IndexOf(scores.Candidate))];
    }

    /// <summary>All candidates as the registry stores them, best first.</summary>
    public IReadOnlyList<CandidateRecord> ToRecords() => [.. Ranked().Select((scores, place) =>
    {
        var (candidate, gain) = (scores.Candidate, scores.GainOver(Scores[0]));
        return new CandidateRecord(
            place + 1, candidate.View.Schema.ToString(), candidate.Knn.ToHyperparameters(),
            scores.Brier.Mean, scores.Brier.StandardError, gain.Mean, gain.StandardError, scores.Accuracy,
            IsConfigured: candidate == Configured, IsChosen: candidate == Chosen, ReasonFor(candidate));
    })];

    /// <summary>Why the chosen candidate was taken: a sentence.</summary>
    public string Reason => (BetterCandidates.Count, Chosen == Best) switch
    {
        (0, _) => $"The configured settings stand: of {Scores.Count - 1} other candidates none has a Brier score that is better by more than one standard error of the difference.",
        (var rivals, true) => $"Of {Scores.Count - 1} other candidates {rivals} beat the configured settings by more than one standard error; this is the best of them, and none that is simpler comes within one standard error of it.",
        var (rivals, _) => $"Of {Scores.Count - 1} other candidates {rivals} beat the configured settings by more than one standard error; this is the simplest of them within one standard error of the best ({Best}).",
    };

    /// <summary>Why a candidate was taken, or was not: a few words.</summary>
    public string ReasonFor(Candidate candidate)
    {
        if (candidate == Chosen)
            return candidate == Configured ? "configured, and not beaten" : candidate == Best ? "the best" : "the simplest within one standard error of the best";
        if (candidate == Configured)
            return "configured, and beaten by more than one standard error";
        if (!BetterCandidates.Contains(candidate))
            return "does not beat the configured settings by more than one standard error";
        return candidate == Best ? "the best, but a simpler one comes within one standard error" : "beats the configured settings, but is not the simplest close to the best";
    }
}
