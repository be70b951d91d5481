namespace Titanic.Web.Training.Selection;

/// <summary>
/// Which candidate to take. The configured settings stand unless a candidate's Brier score is better by more than one standard error
/// of their difference, fold by fold: of many candidates the luckiest always looks a little better. Of those that are, the simplest
/// within one standard error of the best is taken (Breiman et al., 1984).
/// </summary>
public static class OneStandardErrorRule
{
    /// <param name="scores">The configured candidate first.</param>
    /// <param name="folds">Of each repeat, for the differences' standard errors.</param>
    public static Choice Choose(IReadOnlyList<CandidateScores> scores, int folds)
    {
        var configured = scores[0];
        var rivals = scores.Skip(1).Where(rival => Gain(rival, configured) is var gain && gain.Mean > gain.StandardError).ToList();
        if (rivals.Count == 0)
            return new Choice(configured.Candidate, configured.Candidate, scores, [], folds);
        var best = rivals.MinBy(rival => rival.Brier)!;
        var close = rivals.Where(rival => Gain(best, rival) is var lead && lead.Mean <= lead.StandardError).Select(rival => rival.Candidate).ToList();
        return new Choice(Candidate.BySimplicity(close).First(), best.Candidate, scores, [.. rivals.Select(rival => rival.Candidate)], folds);

        FoldDifference Gain(CandidateScores better, CandidateScores worse) => FoldDifference.OfBrier(worse.Folds, better.Folds, folds);
    }
}
