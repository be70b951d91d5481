using System.Globalization;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Training.Knn;

/// <summary>The K-nearest-neighbors classifier's learner.</summary>
/// <param name="Options">k, metric and weights.</param>
/// <param name="EncoderId">Which encoder made the features, e.g. "titanic_binned/1"; the model carries it, 1..200 characters.</param>
public sealed record KnnTrainer(KnnOptions Options, string EncoderId) : IModelTrainer
{
    public const string AlgorithmName = "K-nearest neighbours, all ties vote";

    public string Name => "knn";
    public string Algorithm => AlgorithmName;
    public IReadOnlyDictionary<string, string> Hyperparameters => Options.ToHyperparameters();
    public ITrainingView View => LearnerCatalog.ViewOf(EncoderId);
    public ModelSignature Signature => ModelSignature.OfKnn(EncoderId);
    public bool CanServe => true;
    public bool IsLeftOneOut => true;

    /// <summary>Learns nothing but the rows and their scale: O(distinct points x features).</summary>
    /// <exception cref="TrainingRefusedException">No rows, one class only, or more neighbours than rows.</exception>
    public KnnModel Fit(WeightedSamples training)
    {
        if (EncoderId is not { Length: > 0 and <= WeightedSamples.MaximumNameLength })
            throw new TrainingRefusedException(
                $"The encoder id has {EncoderId?.Length ?? 0} characters; it must have 1..{WeightedSamples.MaximumNameLength}.");
        if (training.Rows == 0)
            throw new TrainingRefusedException("There are 0 training rows; there must be rows that survived and rows that died.");
        if (training.SurvivedRows == 0 || training.DiedRows == 0)
        {
            var outcome = training.SurvivedRows == 0 ? "died" : "survived";
            throw new TrainingRefusedException($"All {training.Rows} training rows {outcome}; there must be rows of both outcomes.");
        }
        if (Options.Problem(training.Rows) is { } problem)
            throw new TrainingRefusedException(problem);

        return new KnnModel(EncoderId, Options, training);
    }

    ITrainedModel IModelTrainer.Fit(WeightedSamples training) => Fit(training);
}

public enum DistanceMetric
{
    /// <summary>Sum of the features' absolute differences, each in standard deviations.</summary>
    Manhattan = 0,

    /// <summary>Root of the sum of the features' squared differences, each in standard deviations.</summary>
    Euclidean = 1,
}

public enum NeighborWeights
{
    /// <summary>Every neighbour has one vote.</summary>
    Uniform = 0,

    /// <summary>A neighbour's vote is 1/distance; where rows stand at distance 0, only they vote (as in scikit-learn).</summary>
    Distance = 1,
}

/// <param name="K">At least this many nearest rows vote: all rows at the k-th distance do, so row order never matters.</param>
public sealed record KnnOptions(
    int K = 7,
    DistanceMetric Metric = DistanceMetric.Manhattan,
    NeighborWeights Weights = NeighborWeights.Uniform)
{
    /// <summary>As the registry stores them: "k", "metric" and "weights".</summary>
    public IReadOnlyDictionary<string, string> ToHyperparameters() => new Dictionary<string, string>
    {
        ["k"] = K.ToString(CultureInfo.InvariantCulture),
        ["metric"] = Metric.ToString(),
        ["weights"] = Weights.ToString(),
    };

    /// <summary>What <see cref="ToHyperparameters"/> was made of.</summary>
    /// <exception cref="InvalidDataException">It cannot have been made of any options.</exception>
    public static KnnOptions FromHyperparameters(IReadOnlyDictionary<string, string> hyperparameters) =>
        int.TryParse(hyperparameters.GetValueOrDefault("k"), NumberStyles.None, CultureInfo.InvariantCulture, out var k)
        && Enum.TryParse<DistanceMetric>(hyperparameters.GetValueOrDefault("metric"), out var metric)
        && Enum.TryParse<NeighborWeights>(hyperparameters.GetValueOrDefault("weights"), out var weights)
        && new KnnOptions(k, metric, weights) is var options && options.AreHyperparameters(hyperparameters)
            ? options
            : throw new InvalidDataException($"The hyperparameters {string.Join(", ", hyperparameters.Select(setting => $"{setting.Key} = {setting.Value}"))} are not those of a K-NN.");

    /// <summary>Whether stored hyperparameters are these options, and nothing else.</summary>
    public bool AreHyperparameters(IReadOnlyDictionary<string, string> hyperparameters) =>
        hyperparameters.OrderBy(setting => setting.Key).SequenceEqual(ToHyperparameters().OrderBy(setting => setting.Key));

    /// <summary>A sentence saying what is wrong, or null; without <paramref name="trainingRows"/> only k's lower end is checked.</summary>
    public string? Problem(int? trainingRows = null)
    {
        if (K < 1 || K > trainingRows)
            return trainingRows is { } rows
                ? $"k is {K}; it must be between 1 and the number of training rows ({rows})."
                : $"k is {K}; it must be at least 1.";
        if (!Enum.IsDefined(Metric))
            return $"The metric is {(int)Metric}; it must be {string.Join(" or ", Enum.GetNames<DistanceMetric>())}.";
        if (!Enum.IsDefined(Weights))
            return $"The weights are {(int)Weights}; they must be {string.Join(" or ", Enum.GetNames<NeighborWeights>())}.";
        return null;
    }
}
