namespace Titanic.Web.Training.Selection;

/// <summary>What a candidate reached on each fold; the folds are the same for all candidates.</summary>
public sealed record CandidateScores(Candidate Candidate, IReadOnlyList<FoldScore> Folds)
{
    public double Brier => Folds.Average(fold => fold.Brier);
    public double Accuracy => Folds.Average(fold => fold.Accuracy);
}
