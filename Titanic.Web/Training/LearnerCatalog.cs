using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training;

/// <summary>All learners whose models the registry stores, by the name of their algorithm.</summary>
public static class LearnerCatalog
{
    /// <summary>Names of the algorithms as stored with versions; K-NN first.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = [KnnTrainer.AlgorithmName, .. AlternativeLearners.All.Select(learner => learner.Algorithm)];

    /// <summary>
    /// Creates the learner of a stored version, to fit it again. The artifact is not needed, so a version with a corrupt artifact can be
    /// reproduced.
    /// </summary>
    /// <param name="algorithm">One of <see cref="Algorithms"/>.</param>
    /// <param name="hyperparameters">As stored with the version.</param>
    /// <param name="encoderId">From the signature of the version, for example "titanic_binned/1".</param>
    /// <exception cref="InvalidDataException">
    /// This code has no such learner or view, or its alternative learner uses other hyperparameters.
    /// </exception>
    public static IModelTrainer Create(string algorithm, IReadOnlyDictionary<string, string> hyperparameters, string encoderId)
    {
        var view = ViewOf(encoderId);
        if (algorithm == KnnTrainer.AlgorithmName)
            return new KnnTrainer(KnnOptions.FromHyperparameters(hyperparameters), view.Schema.EncoderId);
        var learner = AlternativeLearnerOf(algorithm);
        // The hyperparameters of an alternative learner are constants: it cannot reproduce a version that was fitted with others.
        return learner.Hyperparameters.OrderBy(setting => setting.Key).SequenceEqual(hyperparameters.OrderBy(setting => setting.Key))
            ? learner
            : throw new InvalidDataException($"The version of {learner.DisplayName} was fitted with {LearnerNames.Hyperparameters(hyperparameters)}; this program fits it with {LearnerNames.Hyperparameters(learner.Hyperparameters)}.");
    }

    /// <summary>Loads the model of a stored version.</summary>
    /// <param name="algorithm">One of <see cref="Algorithms"/>.</param>
    /// <param name="artifact">Bytes that this store has written; their SHA-256 must be verified already.</param>
    /// <exception cref="InvalidDataException">The bytes are not a valid model of this algorithm, or this code has no such view.</exception>
    /// <exception cref="LearnerUnavailableException">The learner's native library cannot be loaded on this machine.</exception>
    public static ITrainedModel Load(string algorithm, byte[] artifact) => algorithm == KnnTrainer.AlgorithmName
        ? LoadKnn(artifact)
        : AlternativeLearnerOf(algorithm).Load(artifact);

    /// <summary>
    /// Identifies a model of foreign origin. A K-NN model is loaded, because its loader validates all bytes. ML.NET models from foreign
    /// sources are never loaded, because ML.NET's loaders do not protect against manipulated bytes; only their learner is returned.
    /// </summary>
    /// <returns>The learner, and the model if it was loaded.</returns>
    /// <exception cref="InvalidDataException">There is no such learner, or the bytes are not a valid K-NN model.</exception>
    public static (IModelTrainer Trainer, KnnModel? Model) Identify(string algorithm, byte[] foreignArtifact)
    {
        if (algorithm != KnnTrainer.AlgorithmName)
            return (AlternativeLearnerOf(algorithm), null);
        var model = KnnModel.Load(foreignArtifact);
        return (model.Trainer, model);
    }

    /// <summary>The error message for an algorithm that is not in <see cref="Algorithms"/>.</summary>
    public static string NotFoundMessage(string algorithm) => ErrorText.UnknownName("learner", algorithm, [.. Algorithms.Select(LearnerNames.Display)]);

    /// <summary>The feature view of an encoder.</summary>
    /// <exception cref="InvalidDataException">This code has no such view.</exception>
    public static ITrainingView ViewOf(string encoderId) => TrainingViews.FindByEncoder(encoderId)
        ?? throw new InvalidDataException($"There is no view of the encoder {encoderId}; there are {TrainingViews.Names}.");

    private static KnnModel LoadKnn(byte[] artifact)
    {
        var model = KnnModel.Load(artifact);
        if (TrainingViews.FindByEncoder(model.EncoderId) is not { } view)
            throw new InvalidDataException($"The model requires the feature view {TrainingViews.NameOf(model.EncoderId)}; this program has {TrainingViews.Names}.");
        if (!model.Training.FeatureNames.SequenceEqual(view.Schema.FeatureNames))
        {
            throw new InvalidDataException($"The model has the features {string.Join(", ", model.Training.FeatureNames)}, "
                + $"but its feature view {view.Schema} has {string.Join(", ", view.Schema.FeatureNames)}.");
        }
        return model;
    }

    private static AlternativeLearner AlternativeLearnerOf(string algorithm) => AlternativeLearners.All.SingleOrDefault(learner => learner.Algorithm == algorithm)
        ?? throw new InvalidDataException(NotFoundMessage(algorithm));
}
