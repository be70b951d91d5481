using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training;

/// <summary>All learners whose models the registry keeps: the one place that tells them apart by their algorithm's name.</summary>
public static class LearnerCatalog
{
    /// <summary>The names of the algorithms, as versions store them; the K-NN's first.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = [KnnTrainer.AlgorithmName, .. AlternativeLearners.All.Select(learner => learner.Algorithm)];

    /// <summary>The learner of a stored version, to be fitted again. The version's bytes are not needed: one that is damaged can still be reproduced.</summary>
    /// <param name="encoderId">Of the version's signature, such as "titanic_binned/1".</param>
    /// <exception cref="InvalidDataException">This code has no such learner, no such view, or learns with other settings.</exception>
    public static IModelTrainer Create(string algorithm, IReadOnlyDictionary<string, string> hyperparameters, string encoderId)
    {
        var view = ViewOf(encoderId);
        if (algorithm == KnnTrainer.AlgorithmName)
            return new KnnTrainer(KnnOptions.FromHyperparameters(hyperparameters), view.Schema.EncoderId);
        var known = AlternativeLearnerOf(algorithm);
        // The settings of an alternative learner stand in the code: a version that was made with others cannot be made by it.
        return known.Hyperparameters.OrderBy(setting => setting.Key).SequenceEqual(hyperparameters.OrderBy(setting => setting.Key))
            ? known
            : throw new InvalidDataException($"{algorithm} was learned with {Text(hyperparameters)}; this code learns it with {Text(known.Hyperparameters)}.");
    }

    /// <summary>The model of a stored version.</summary>
    /// <param name="artifact">Bytes that this store wrote itself: their SHA-256 was verified.</param>
    /// <exception cref="InvalidDataException">These are not the bytes of such a model, or its view is not one of this code.</exception>
    /// <exception cref="LearnerUnavailableException">The learner's native library cannot be loaded on this machine.</exception>
    public static ITrainedModel Load(string algorithm, byte[] artifact) => algorithm == KnnTrainer.AlgorithmName
        ? LoadKnn(artifact)
        : AlternativeLearnerOf(algorithm).Load(artifact);

    /// <summary>
    /// What foreign bytes can be. A K-NN is loaded, because its format trusts nothing. Models of ML.NET are never loaded from foreign bytes, which
    /// may make its loaders do anything: they are only known by their learner.
    /// </summary>
    /// <returns>The learner, and the model where it was loaded.</returns>
    /// <exception cref="InvalidDataException">There is no such learner, or the bytes are no K-NN.</exception>
    public static (IModelTrainer Trainer, KnnModel? Model) Identify(string algorithm, byte[] foreignArtifact)
    {
        if (algorithm != KnnTrainer.AlgorithmName)
            return (AlternativeLearnerOf(algorithm), null);
        var model = KnnModel.Load(foreignArtifact);
        return (model.Trainer, model);
    }

    /// <summary>The view of an encoder.</summary>
    /// <exception cref="InvalidDataException">This code has no such view.</exception>
    public static ITrainingView ViewOf(string encoderId) => TrainingViews.OfEncoder(encoderId)
        ?? throw new InvalidDataException($"There is no view of the encoder {encoderId}; there are {TrainingViews.Names}.");

    private static KnnModel LoadKnn(byte[] artifact)
    {
        var model = KnnModel.Load(artifact);
        if (TrainingViews.OfEncoder(model.EncoderId) is not { } view)
            throw new InvalidDataException($"The model was learned through encoder {model.EncoderId}; this process encodes with {string.Join(" or ", TrainingViews.All.Select(known => known.Schema.EncoderId))}.");
        if (!model.Training.FeatureNames.SequenceEqual(view.Schema.FeatureNames))
            throw new InvalidDataException($"The model learned the features {string.Join(", ", model.Training.FeatureNames)}, but its encoder {model.EncoderId} makes {string.Join(", ", view.Schema.FeatureNames)}.");
        return model;
    }

    private static AlternativeLearner AlternativeLearnerOf(string algorithm) => AlternativeLearners.All.SingleOrDefault(learner => learner.Algorithm == algorithm)
        ?? throw new InvalidDataException($"There is no learner \"{algorithm}\"; there are {string.Join(", ", Algorithms)}.");

    private static string Text(IReadOnlyDictionary<string, string> settings) => string.Join(", ", settings.Select(setting => $"{setting.Key} {setting.Value}"));
}
