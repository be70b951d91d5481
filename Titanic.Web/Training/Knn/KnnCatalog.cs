using Microsoft.ML;

namespace Titanic.Web.Training.Knn;

/// <summary>Puts the K-NN beside ML.NET's own trainers.</summary>
public static class KnnCatalog
{
    /// <param name="catalog">Only says where the method belongs.</param>
    /// <param name="labelColumnName">Boolean column, true = survived.</param>
    /// <param name="featureColumnName">Vector of Single of known size, raw values: the trainer standardises by itself.</param>
    public static KnnEstimator KNearestNeighbors(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        KnnOptions? options = null,
        string labelColumnName = "Label",
        string featureColumnName = "Features")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new KnnEstimator(options ?? new KnnOptions(), labelColumnName, featureColumnName);
    }
}
