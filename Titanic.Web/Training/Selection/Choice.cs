namespace Titanic.Web.Training.Selection;

/// <summary>A search's outcome: every candidate's figures, which one was taken, and why.</summary>
/// <param name="Best">The lowest Brier score of those that beat the configured candidate; the configured one where none does.</param>
/// <param name="Scores">The configured candidate first.</param>
/// <param name="Rivals">Those that beat the configured candidate by more than one standard error.</param>
public sealed record Choice(Candidate Chosen, Candidate Best, IReadOnlyList<CandidateScores> Scores, IReadOnlyList<Candidate> Rivals, int Folds)
{
    public Candidate Configured => Scores[0].Candidate;

    /// <summary>All candidates, lowest Brier score first; of equals the simpler.</summary>
    public IReadOnlyList<CandidateScores> Ranked { get; } =
    [
        .. Candidate.BySimplicity(Scores.Select(scores => scores.Candidate))
            .Select(candidate => Scores.Single(scores => scores.Candidate == candidate))
            .OrderBy(scores => scores.Brier),
    ];

    /// <summary>How much lower a candidate's Brier score is than the configured one's.</summary>
    public FoldDifference GainOver(CandidateScores candidate) => FoldDifference.OfBrier(Scores[0].Folds, candidate.Folds, Folds);

    public string Reason => Rivals.Count == 0
        ? $"The configured settings stand: none of {Scores.Count - 1} other candidates has a Brier score that is better by more than one standard error of the difference."
        : Chosen == Best
            ? $"{Rivals.Count} of {Scores.Count - 1} candidates beat the configured settings by more than one standard error; this one is the best of them, and no simpler one comes within one standard error of it."
            : $"{Rivals.Count} of {Scores.Count - 1} candidates beat the configured settings by more than one standard error; this one is the simplest within one standard error of the best ({Best}).";

    /// <summary>Why a candidate was taken, or was not.</summary>
    public string ReasonFor(Candidate candidate)
    {
        if (candidate == Chosen)
            return candidate == Configured ? "configured, and not beaten" : candidate == Best ? "the best" : "the simplest within one standard error of the best";
        if (candidate == Configured)
            return "configured, and beaten by more than one standard error";
        if (!Rivals.Contains(candidate))
            return "not better than the configured settings by more than one standard error";
        return candidate == Best ? "the best, but a simpler one is within one standard error" : "beats the configured settings, but is not the simplest close to the best";
    }
}
