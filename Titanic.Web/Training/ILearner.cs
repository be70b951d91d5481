using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Alternatives;

namespace Titanic.Web.Training;

/// <summary>Something that can be fitted on labelled rows and evaluated: the K-NN, ML.NET's learners and the baselines.</summary>
public interface ILearner
{
    /// <summary>Short name, such as "knn"; the subject of its evaluations.</summary>
    string Name { get; }

    /// <param name="training">Distinct points with their numbers of rows by outcome.</param>
    /// <returns>The fitted model; equal samples give equal models.</returns>
    /// <exception cref="TrainingRefusedException">These rows cannot be learned from.</exception>
    IClassifier Fit(WeightedSamples training);
}

/// <summary>A fitted, immutable model: safe for concurrent use.</summary>
public interface IClassifier
{
    /// <param name="point">One raw value per feature, as in training.</param>
    ClassPrediction Predict(ReadOnlySpan<double> point);
}

/// <summary>
/// A learner whose models the registry keeps. It knows its kind (algorithm, hyperparameters, view, signature), so nobody else has to ask which
/// learner it is; <see cref="LearnerCatalog"/> creates it again from what the registry stores.
/// </summary>
public interface IModelTrainer : ILearner
{
    /// <summary>As stored with a version: "K-nearest neighbours, all ties vote".</summary>
    string Algorithm { get; }

    /// <summary>As stored with a version; values are texts in the invariant culture.</summary>
    IReadOnlyDictionary<string, string> Hyperparameters { get; }

    /// <summary>The feature view whose points it learns.</summary>
    /// <exception cref="InvalidDataException">This code has no such view.</exception>
    ITrainingView View { get; }

    /// <summary>Inputs and outputs of its models.</summary>
    ModelSignature Signature { get; }

    /// <summary>Whether its models can be champion; else they are only compared with the champion.</summary>
    bool CanServe { get; }

    /// <summary>Whether leave-one-out, which is one fit for each distinct point and outcome, is part of its evaluation.</summary>
    bool IsLeftOneOut { get; }

    /// <inheritdoc cref="ILearner.Fit"/>
    /// <exception cref="LearnerUnavailableException">The learner's native library cannot be loaded on this machine.</exception>
    new ITrainedModel Fit(WeightedSamples training);

    IClassifier ILearner.Fit(WeightedSamples training) => Fit(training);
}

/// <summary>A fitted model that can be stored.</summary>
public interface ITrainedModel : IClassifier
{
    /// <summary>The learner that makes this model from its training rows.</summary>
    IModelTrainer Trainer { get; }

    /// <returns>The bytes of the artifact; equal models give equal bytes.</returns>
    byte[] Save();

    /// <summary>What stands at an offset of the saved bytes, in words; null where the format is not ours.</summary>
    string? PartAt(long offset);

    /// <summary>The predictions for all inputs; null for a view without a last input, and for learners that are not compared by tables.</summary>
    DecisionTable? ToDecisionTable();
}

/// <summary>What a model predicts for one point: "survived, 13 of 14 neighbors did".</summary>
/// <param name="Survived">True only if more than half of the (weighted) votes are for survival: a tie is not survived.</param>
/// <param name="Probability">Estimated probability of survival, 0..1. Of a K-NN (s+1)/(n+2); with distance weights s is the weighted share times n.</param>
/// <param name="Survivors">Rows among the voting neighbors that survived, 0..<paramref name="Neighbors"/>; 0 for a model without neighbors.</param>
/// <param name="Neighbors">Rows that voted: at least k, more where rows tie at the k-th distance; 0 for a model without neighbors.</param>
public readonly record struct ClassPrediction(bool Survived, double Probability, int Survivors = 0, int Neighbors = 0)
{
    /// <summary>
    /// Laplace's rule of succession: (s+1)/(n+2) for s survivors among n rows, never 0 or 1. Survived only if more than half did.
    /// </summary>
    public static ClassPrediction FromCounts(int survivors, int rows) =>
        new(survivors > rows - survivors, (survivors + 1.0) / (rows + 2.0));
}

/// <summary>Nothing can be learned or measured from these rows with these settings; the message is a sentence for people.</summary>
public sealed class TrainingRefusedException(string sentence) : Exception(sentence);
