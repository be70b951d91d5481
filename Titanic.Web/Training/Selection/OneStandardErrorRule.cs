namespace Titanic.Web.Training.Selection;

/// <summary>
/// Which candidate to take. The configured settings stand unless a candidate's Brier score is better by more than one standard error
/// of their difference, fold by fold: of many candidates the luckiest always looks a little better. Of those that are, the simplest
/// within one standard error of the best is taken (Breiman et al., 1984).
/// </summary>
public static class OneStandardErrorRule
{
    /// <param name="scores">The configured candidate first.</param>
    public static Choice Choose(IReadOnlyList<CandidateScores> scores)
    {
        var configured = scores[0];
        var rivals = scores.Skip(1).Where(rival => rival.Beats(configured)).ToList();
        var best = rivals.MinBy(rival => rival.Brier.Mean) ?? configured;
        var closeToBest = rivals.Where(rival => !best.Beats(rival)).Select(rival => rival.Candidate);
        return new Choice(
            Candidate.BySimplicity(closeToBest).FirstOrDefault(configured.Candidate), best.Candidate, scores, [.. rivals.Select(rival => rival.Candidate)]);
    }
}
