using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training;

/// <summary>
/// The displayed names of learners and hyperparameters, on pages and in command output and messages. The API, the command line and stored
/// records have the values of <see cref="ILearner.Name"/>, <see cref="IModelTrainer.Algorithm"/> and
/// <see cref="IModelTrainer.Hyperparameters"/>.
/// </summary>
public static class LearnerNames
{
    /// <summary>The displayed name of a learner; a text that names none is returned unchanged.</summary>
    /// <param name="stored">The short name of a learner, or the name of its algorithm.</param>
    public static string Display(string stored) => stored switch
    {
        "knn" or KnnTrainer.AlgorithmName => "K-NN",
        "majority" => "Majority class",
        "female survives" => "Female survives",
        _ => AlternativeLearners.All.FirstOrDefault(learner => learner.Name == stored || learner.Algorithm == stored)?.DisplayName ?? stored,
    };

    /// <summary>"k = 7, metric = Manhattan, weights = uniform".</summary>
    public static string Hyperparameters(IReadOnlyDictionary<string, string> stored) =>
        string.Join(", ", stored.OrderBy(setting => setting.Key, StringComparer.Ordinal).Select(setting => $"{setting.Key} = {Hyperparameter(setting.Value)}"));

    /// <summary>A stored text with the hyperparameters of candidates: "titanic_binned v1, k = 7, Manhattan, uniform".</summary>
    public static string Hyperparameters(string stored) => stored
        .Replace($", {NeighborWeights.Uniform}", ", uniform", StringComparison.Ordinal)
        .Replace($", {NeighborWeights.Distance}", ", distance", StringComparison.Ordinal);

    /// <summary>The name of an algorithm as stored with versions; a text that names none is returned unchanged.</summary>
    /// <param name="name">The stored, the short or the displayed name, in any case.</param>
    public static string AlgorithmOf(string name) => LearnerCatalog.Algorithms.FirstOrDefault(
        algorithm => Display(name).Equals(Display(algorithm), StringComparison.OrdinalIgnoreCase)) ?? name;

    /// <summary>A compared property of versions: an algorithm, an encoder, a hyperparameter or another text; "none" for null.</summary>
    public static string Option(string? stored) => stored is null ? "none"
        : TrainingViews.FindByEncoder(stored) is { } view ? view.Schema.ToString()
        : Hyperparameter(Display(stored));

    /// <summary>The displayed value of a hyperparameter: the weights are words, other values are unchanged.</summary>
    public static string Hyperparameter(string stored) =>
        stored is nameof(NeighborWeights.Uniform) or nameof(NeighborWeights.Distance) ? stored.ToLowerInvariant() : stored;
}
