using System.Globalization;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training.Knn;

/// <summary>Learner of the k-nearest-neighbors classifier <see cref="KnnModel"/>.</summary>
/// <param name="Options">k, metric and weights.</param>
/// <param name="EncoderId">The encoder of the features, for example "titanic_binned/1", 1..200 characters; stored in the model.</param>
public sealed record KnnTrainer(KnnOptions Options, string EncoderId) : IModelTrainer
{
    /// <summary>Name of the algorithm as stored with versions; must not change.</summary>
    public const string AlgorithmName = "K-nearest neighbours, all ties vote";

    public string Name => "knn";
    public string Algorithm => AlgorithmName;
    public IReadOnlyDictionary<string, string> Hyperparameters => Options.ToHyperparameters();
    public ITrainingView View => LearnerCatalog.ViewOf(EncoderId);
    public ModelSignature Signature => ModelSignature.OfKnn(EncoderId);
    public bool CanServe => true;
    public bool UsesLeaveOneOut => true;

    /// <summary>
    /// Fits a model: computes the feature scale and builds the search tree, O(n d log n) for n distinct points x d features.
    /// </summary>
    /// <param name="training">Training rows as distinct points.</param>
    /// <exception cref="TrainingFailedException">
    /// No rows, only one outcome, fewer rows than k, or a feature with different values but a standard deviation below 1E-50; or the encoder
    /// id is invalid.
    /// </exception>
    public KnnModel Fit(WeightedSamples training)
    {
        if (EncoderId is not { Length: > 0 and <= WeightedSamples.MaximumNameLength })
            throw new TrainingFailedException(
                $"The encoder id has {Quantity.Of(EncoderId?.Length ?? 0, "character")}; it must have 1 to {WeightedSamples.MaximumNameLength}.");
        if (training.Rows == 0)
            throw new TrainingFailedException("There are 0 training rows; there must be rows that survived and rows that died.");
        if (training.SurvivedRows == 0 || training.DiedRows == 0)
        {
            var outcome = training.SurvivedRows == 0 ? "died" : "survived";
            throw new TrainingFailedException(
                $"All training rows ({Format.Count(training.Rows)}) {outcome}; there must be rows of both outcomes.");
        }
        if (Options.Validate(training.Rows) is { } problem)
            throw new TrainingFailedException(problem);

        return new KnnModel(EncoderId, Options, training);
    }

    ITrainedModel IModelTrainer.Fit(WeightedSamples training) => Fit(training);
}

/// <summary>Distance metric on features scaled by their standard deviations.</summary>
public enum DistanceMetric
{
    /// <summary>Σ |a_i - b_i| / s_i, where s_i is the population standard deviation of feature i.</summary>
    Manhattan = 0,

    /// <summary>√(Σ ((a_i - b_i) / s_i)²), where s_i is the population standard deviation of feature i.</summary>
    Euclidean = 1,
}

/// <summary>Weights of the votes, as scikit-learn's parameter <c>weights</c>.</summary>
public enum NeighborWeights
{
    /// <summary>Every voting row has weight 1.</summary>
    Uniform = 0,

    /// <summary>A voting row has weight 1/distance. If there are rows at distance 0, only they vote.</summary>
    Distance = 1,
}

/// <summary>Hyperparameters of the k-nearest-neighbors classifier.</summary>
/// <param name="K">
/// Number of neighbors, 1..number of training rows; default 7. All rows up to the distance of the k-th nearest row vote, so that more than k
/// rows may vote; with <see cref="NeighborWeights.Distance"/>, rows at distance 0 vote alone. The order of rows has no effect; that of
/// features has none on voters and class within the limits of <see cref="DistanceTie"/>.
/// </param>
/// <param name="Metric">Distance metric; default Manhattan.</param>
/// <param name="Weights">Weights of the votes; default Uniform.</param>
public sealed record KnnOptions(
    int K = 7,
    DistanceMetric Metric = DistanceMetric.Manhattan,
    NeighborWeights Weights = NeighborWeights.Uniform)
{
    /// <summary>The hyperparameters as the registry stores them: "k", "metric" and "weights".</summary>
    public IReadOnlyDictionary<string, string> ToHyperparameters() => new Dictionary<string, string>
    {
        ["k"] = K.ToString(CultureInfo.InvariantCulture),
        ["metric"] = Metric.ToString(),
        ["weights"] = Weights.ToString(),
    };

    /// <summary>Parses the result of <see cref="ToHyperparameters"/>.</summary>
    /// <exception cref="InvalidDataException">A hyperparameter is missing, unknown or invalid.</exception>
    public static KnnOptions FromHyperparameters(IReadOnlyDictionary<string, string> hyperparameters) =>
        int.TryParse(hyperparameters.GetValueOrDefault("k"), NumberStyles.None, CultureInfo.InvariantCulture, out var k)
        && Enum.TryParse<DistanceMetric>(hyperparameters.GetValueOrDefault("metric"), out var metric)
        && Enum.TryParse<NeighborWeights>(hyperparameters.GetValueOrDefault("weights"), out var weights)
        && new KnnOptions(k, metric, weights) is var options && options.Matches(hyperparameters)
            ? options
            : throw new InvalidDataException(
                $"The hyperparameters {LearnerNames.Hyperparameters(hyperparameters)} are not valid for K-NN.");

    /// <summary>Whether stored hyperparameters equal these options exactly.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> hyperparameters) =>
        hyperparameters.OrderBy(setting => setting.Key).SequenceEqual(ToHyperparameters().OrderBy(setting => setting.Key));

    /// <summary>Validates the options.</summary>
    /// <param name="trainingRows">Number of training rows; null to skip the upper limit of k.</param>
    /// <returns>The error message; null if the options are valid.</returns>
    public string? Validate(int? trainingRows = null)
    {
        if (K < 1 || K > trainingRows)
            return trainingRows is { } rows
                ? $"k is {Format.Count(K)}; it must be between 1 and the number of training rows ({Format.Count(rows)})."
                : $"k is {Format.Count(K)}; it must be at least 1.";
        if (!Enum.IsDefined(Metric))
            return $"The metric is {(int)Metric}; it must be {string.Join(" or ", Enum.GetNames<DistanceMetric>())}.";
        if (!Enum.IsDefined(Weights))
            return $"The weights are {(int)Weights}; they must be {string.Join(" or ", Enum.GetNames<NeighborWeights>())}.";
        return null;
    }
}
