using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Training.Selection;

/// <summary>What a candidate reached on each fold; the folds are the same for all candidates.</summary>
public sealed record CandidateScores(Candidate Candidate, IReadOnlyList<FoldScore> Folds, CrossValidationOptions Options)
{
    /// <summary>Over the folds, with its standard error.</summary>
    public ResampledMean Brier { get; } = MeanOf([.. Folds.Select(fold => fold.Brier)], Options);

    /// <summary>Mean over the folds, 0..1.</summary>
    public double Accuracy { get; } = Folds.Average(fold => fold.Accuracy);

    /// <summary>How much lower this Brier score is than another's, fold by fold, with the standard error of the difference.</summary>
    public ResampledMean GainOver(CandidateScores other) => MeanOf([.. other.Folds.Zip(Folds, (theirs, ours) => theirs.Brier - ours.Brier)], Options);

    /// <summary>Whether the Brier score is better by more than one standard error of the difference.</summary>
    public bool Beats(CandidateScores other) => GainOver(other) is var gain && gain.Mean > gain.StandardError;

    private static ResampledMean MeanOf(IReadOnlyList<double> folds, CrossValidationOptions options) =>
        ResampledMean.Of([.. folds.Select(value => (double?)value)], options.TestRowsPerTrainingRow)!; // null for one fold only, and there are two at least
}
