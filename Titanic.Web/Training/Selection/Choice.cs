namespace Titanic.Web.Training.Selection;

/// <summary>A search's outcome: every candidate's figures, which one was taken, and why.</summary>
/// <param name="Best">The lowest Brier score of those that beat the configured candidate; the configured one where none does.</param>
/// <param name="Scores">The configured candidate first.</param>
/// <param name="Rivals">Those that beat the configured candidate by more than one standard error.</param>
public sealed record Choice(Candidate Chosen, Candidate Best, IReadOnlyList<CandidateScores> Scores, IReadOnlyList<Candidate> Rivals)
{
    public Candidate Configured => Scores[0].Candidate;

    /// <summary>All candidates, lowest Brier score first; of equals the simpler.</summary>
    public IReadOnlyList<CandidateScores> Ranked()
    {
        var places = Candidate.BySimplicity(Scores.Select(scores => scores.Candidate)).ToList();
        return [.. Scores.OrderBy(scores => scores.Brier.Mean).ThenBy(scores => places.IndexOf(scores.Candidate))];
    }

    /// <summary>Why the chosen candidate was taken: a sentence.</summary>
    public string Reason => (Rivals.Count, Chosen == Best) switch
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
        if (!Rivals.Contains(candidate))
            return "does not beat the configured settings by more than one standard error";
        return candidate == Best ? "the best, but a simpler one comes within one standard error" : "beats the configured settings, but is not the simplest close to the best";
    }
}
