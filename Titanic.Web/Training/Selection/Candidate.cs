using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Selection;

/// <summary>One way to set up the K-NN: what it sees and how its neighbours vote.</summary>
public sealed record Candidate(ITrainingView View, KnnOptions Knn)
{
    public KnnTrainer Trainer => new(Knn, View.Schema.EncoderId);

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
