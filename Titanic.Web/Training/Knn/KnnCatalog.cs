using Microsoft.ML;

namespace Titanic.Web.Training.Knn;

/// <summary>Puts the K-NN beside ML.NET's own trainers: <c>mlContext.BinaryClassification.Trainers.KNearestNeighbors(…)</c>.</summary>
public static class KnnCatalog
{
    /// <summary>
    /// An exact K-nearest-neighbours trainer: to be appended to a pipeline, cross-validated and evaluated as any calibrated binary
    /// trainer of ML.NET. It needs no seed: equal rows give the same model, in whatever order they come.
    /// </summary>
    /// <param name="catalog">Only says where the method belongs.</param>
    /// <param name="options">How many rows vote, how distance is measured and votes are weighed; the defaults when it is left out.</param>
    /// <param name="labelColumnName">Boolean column, true = survived.</param>
    /// <param name="featureColumnName">
    /// Vector of Single of known size, dense or sparse, 1..1024 raw values: the trainer standardises by itself. Missing values (NaN) must be
    /// replaced before, for instance with <c>ReplaceMissingValues</c>.
    /// </param>
    /// <exception cref="ArgumentException">The options make no sense, or a column has no name.</exception>
    public static KnnEstimator KNearestNeighbors(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        KnnOptions? options = null,
        string labelColumnName = "Label",
        string featureColumnName = "Features")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        ArgumentException.ThrowIfNullOrEmpty(featureColumnName);
        options ??= new KnnOptions();
        return options.Problem() is { } problem
            ? throw new ArgumentException(problem, nameof(options))
            : new KnnEstimator(options, labelColumnName, featureColumnName);
    }
}
