using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Selection;

/// <summary>A candidate of the hyperparameter search: a feature view and K-NN options.</summary>
public sealed record Candidate(ITrainingView View, KnnOptions Knn)
{
    /// <summary>The learner of this candidate.</summary>
    public KnnTrainer Trainer => new(Knn, View.Schema.EncoderId);

    /// <summary>Whether a stored record describes this candidate.</summary>
    public bool Matches(CandidateRecord record) => record.View == View.Schema.ToString() && Knn.Matches(record.Hyperparameters);

    /// <summary>
    /// Sorts candidates by simplicity, simplest first: views with fewer possible inputs, then uniform before distance weights, then
    /// Manhattan before Euclidean distance, then larger k, which averages over more rows.
    /// </summary>
    public static IEnumerable<Candidate> OrderBySimplicity(IEnumerable<Candidate> candidates) => candidates
        .OrderBy(candidate => TrainingViews.All.ToList().IndexOf(candidate.View))
        .ThenBy(candidate => candidate.Knn.Weights)
        .ThenBy(candidate => candidate.Knn.Metric)
        .ThenByDescending(candidate => candidate.Knn.K);

    /// <summary>A text that is stored and compared, so it must not change; <see cref="LearnerNames.Hyperparameters(string)"/> displays it.</summary>
    public override string ToString() => FormattableString.Invariant($"{View.Schema}, k = {Knn.K}, {Knn.Metric}, {Knn.Weights}");
}

/// <summary>Scores of a candidate on each fold; all candidates have the same folds.</summary>
/// <param name="Candidate">The candidate.</param>
/// <param name="Folds">r k scores, repeat by repeat, fold by fold; at least 2.</param>
/// <param name="Options">Repeats r, folds k and seed.</param>
public sealed record CandidateScores(Candidate Candidate, IReadOnlyList<FoldScore> Folds, CrossValidationOptions Options)
{
    /// <summary>Mean Brier score over the folds, 0..1, with its corrected standard error.</summary>
    public ResampledMean Brier { get; } = MeanOf([.. Folds.Select(fold => fold.Brier)], Options);

    /// <summary>Mean accuracy over the folds, 0..1.</summary>
    public double Accuracy { get; } = Folds.Average(fold => fold.Accuracy);

    /// <summary>
    /// Mean Brier score of another candidate minus this one's, paired by fold, with its corrected standard error; positive if this is
    /// better.
    /// </summary>
    public ResampledMean GainOver(CandidateScores other) => MeanOf([.. other.Folds.Zip(Folds, (otherFold, fold) => otherFold.Brier - fold.Brier)], Options);

    /// <summary>Whether the Brier score is better than another candidate's by more than one standard error of the difference.</summary>
    public bool Beats(CandidateScores other) => GainOver(other) is var gain && gain.Mean > gain.StandardError;

    private static ResampledMean MeanOf(IReadOnlyList<double> folds, CrossValidationOptions options) =>
        ResampledMean.Of([.. folds.Select(value => (double?)value)], options.TestRowsPerTrainingRow)!; // null only for fewer than 2 folds
}

/// <summary>Scores of the predictions for the rows of one fold.</summary>
/// <param name="Brier">Mean squared difference between probability and outcome (1 or 0), 0..1.</param>
/// <param name="Accuracy">Share of correct predictions, 0..1.</param>
public readonly record struct FoldScore(double Brier, double Accuracy)
{
    /// <summary>Computes the scores.</summary>
    /// <param name="predictions">Predictions with outcomes; at least one row.</param>
    public static FoldScore Of(IReadOnlyList<ScoredRow> predictions)
    {
        var (rows, correct, squares) = (0, 0, 0.0);
        foreach (var row in predictions)
        {
            var difference = row.Probability - (row.Actual ? 1 : 0);
            squares += row.Rows * difference * difference;
            correct += row.Predicted == row.Actual ? row.Rows : 0;
            rows += row.Rows;
        }
        return new FoldScore(squares / rows, (double)correct / rows);
    }
}
