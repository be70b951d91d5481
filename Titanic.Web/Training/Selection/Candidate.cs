using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Selection;

/// <summary>One way to set up the K-NN: what it sees and how its neighbours vote.</summary>
public sealed record Candidate(ITrainingView View, KnnOptions Knn)
{
    public KnnTrainer Trainer => new(Knn, View.Schema.EncoderId);

    /// <summary>Whether a stored record is about this candidate.</summary>
    public bool IsOf(CandidateRecord record) => record.View == View.Schema.ToString() && Knn.AreHyperparameters(record.Hyperparameters);

    /// <summary>
    /// Simplest first: few possible inputs before many, equal votes before weighted ones, Manhattan before Euclidean, and of all these
    /// the larger k, which averages over more rows.
    /// </summary>
    public static IEnumerable<Candidate> BySimplicity(IEnumerable<Candidate> candidates) => candidates
        .OrderBy(candidate => TrainingViews.All.ToList().IndexOf(candidate.View))
        .ThenBy(candidate => candidate.Knn.Weights)
        .ThenBy(candidate => candidate.Knn.Metric)
        .ThenByDescending(candidate => candidate.Knn.K);

    public override string ToString() => FormattableString.Invariant($"{View.Schema}, k = {Knn.K}, {Knn.Metric}, {Knn.Weights}");
}

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

/// <summary>How good the answers for one fold's rows are.</summary>
/// <param name="Brier">Mean squared difference between the probability and what happened (1 or 0).</param>
/// <param name="Accuracy">Share of right answers, 0..1.</param>
public readonly record struct FoldScore(double Brier, double Accuracy)
{
    public static FoldScore Of(IReadOnlyList<ScoredRow> answers)
    {
        var (rows, right, squares) = (0, 0, 0.0);
        foreach (var answer in answers)
        {
            var difference = answer.Probability - (answer.Actual ? 1 : 0);
            squares += answer.Rows * difference * difference;
            right += answer.Predicted == answer.Actual ? answer.Rows : 0;
            rows += answer.Rows;
        }
        return new FoldScore(squares / rows, (double)right / rows);
    }
}
