using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Alternatives;

namespace Titanic.Web.Training;

/// <summary>
/// A learner (scikit-learn: estimator) that is fitted on labeled rows: K-NN, the alternative learners of ML.NET, and the baselines.
/// </summary>
public interface ILearner
{
    /// <summary>Short name, for example "knn"; the subject of its evaluations.</summary>
    string Name { get; }

    /// <summary>Fits a model.</summary>
    /// <param name="training">n rows x d features, as distinct points with their numbers of rows by outcome.</param>
    /// <returns>The fitted model; equal samples give equal models.</returns>
    /// <exception cref="TrainingFailedException">The learner cannot be fitted on these rows.</exception>
    IClassifier Fit(WeightedSamples training);
}

/// <summary>A fitted, immutable binary classifier; safe for concurrent use.</summary>
public interface IClassifier
{
    /// <summary>Predicts one point.</summary>
    /// <param name="point">d raw values, one per feature in the order of training.</param>
    ClassPrediction Predict(ReadOnlySpan<double> point);
}

/// <summary>
/// A learner whose models the registry stores. It describes its models (algorithm, hyperparameters, view, signature), so callers do not
/// depend on the kind of learner. <see cref="LearnerCatalog"/> creates it from stored values.
/// </summary>
public interface IModelTrainer : ILearner
{
    /// <summary>Name of the algorithm as stored with a version, for example "boosted trees (FastTree)".</summary>
    string Algorithm { get; }

    /// <summary>As stored with a version; values are formatted with the invariant culture.</summary>
    IReadOnlyDictionary<string, string> Hyperparameters { get; }

    /// <summary>The feature view whose points the learner is fitted on.</summary>
    /// <exception cref="InvalidDataException">This code has no such view.</exception>
    ITrainingView View { get; }

    /// <summary>Inputs and outputs of the models.</summary>
    ModelSignature Signature { get; }

    /// <summary>Whether the models can become champion; else they are only compared with the champion.</summary>
    bool CanServe { get; }

    /// <summary>Whether leave-one-out, one fit per distinct point and outcome, is part of the evaluation.</summary>
    bool UsesLeaveOneOut { get; }

    /// <inheritdoc cref="ILearner.Fit"/>
    /// <exception cref="LearnerUnavailableException">The learner's native library cannot be loaded on this machine.</exception>
    new ITrainedModel Fit(WeightedSamples training);

    IClassifier ILearner.Fit(WeightedSamples training) => Fit(training);
}

/// <summary>A fitted model that can be stored.</summary>
public interface ITrainedModel : IClassifier
{
    /// <summary>The learner that fits this model.</summary>
    IModelTrainer Trainer { get; }

    /// <summary>Serializes the model.</summary>
    /// <returns>The bytes of the artifact; equal models give equal bytes.</returns>
    byte[] Save();

    /// <summary>
    /// Describes the content at an offset of the saved bytes, for example "the standard deviations"; null if the format belongs to a
    /// library.
    /// </summary>
    string? DescribeOffset(long offset);

    /// <summary>The predictions for all possible inputs; null if the view is not finite or the learner has no decision tables.</summary>
    DecisionTable? ToDecisionTable();
}

/// <summary>Prediction for one point, for example "survived, 13 of 14 neighbors survived".</summary>
/// <param name="Survived">Predicted class: true only if more than half of the (weighted) votes are for survival; a tie is false.</param>
/// <param name="Probability">
/// Estimated probability of survival, 0..1. For K-NN (s+1)/(n+2), where n is the number of voting rows and s the number of them that
/// survived; with distance weights, s is the weighted share of survivors times n.
/// </param>
/// <param name="Survivors">Voting rows that survived, 0..<paramref name="Neighbors"/>; 0 for a model without neighbors.</param>
/// <param name="Neighbors">
/// Voting rows: k, or more if rows tie at the k-th distance; with distance weights and rows at distance 0 only these, which can be fewer than
/// k. 0 for a model without neighbors.
/// </param>
public readonly record struct ClassPrediction(bool Survived, double Probability, int Survivors = 0, int Neighbors = 0)
{
    /// <summary>
    /// Laplace's rule of succession: probability (s+1)/(n+2) for s survivors among n rows, which is never 0 or 1. The class is "survived"
    /// only if more than half of the rows survived.
    /// </summary>
    public static ClassPrediction FromCounts(int survivors, int rows) =>
        new(survivors > rows - survivors, (survivors + 1.0) / (rows + 2.0));
}

/// <summary>
/// A learner cannot be fitted, or an evaluation cannot run, with these rows and settings. The message is intended for users.
/// </summary>
public sealed class TrainingFailedException(string message) : Exception(message);
