using Microsoft.ML;
using Microsoft.ML.Data;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// Adds the K-NN to ML.NET's catalog of trainers: <c>mlContext.BinaryClassification.Trainers.KNearestNeighbors(…)</c>.
/// </summary>
public static class KnnCatalog
{
    /// <summary>
    /// Creates an exact k-nearest-neighbors trainer for ML.NET pipelines. Cross-validation and evaluation work as for every calibrated
    /// binary trainer of ML.NET. It needs no seed: equal rows give the same model, in any order.
    /// </summary>
    /// <param name="catalog">The catalog of binary classification trainers.</param>
    /// <param name="options">k, metric and weights; default <see cref="KnnOptions"/>.</param>
    /// <param name="labelColumnName">Boolean column, true = survived; default "Label".</param>
    /// <param name="featureColumnName">
    /// Vector of Single of known size, dense or sparse, 1..1024 raw values; default "Features". The trainer standardizes them. Missing
    /// values (NaN) must be replaced before, for example with <c>ReplaceMissingValues</c>.
    /// </param>
    /// <exception cref="ArgumentException">The options are invalid, or a column name is empty.</exception>
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
        return options.Validate() is { } problem
            ? throw new ArgumentException(problem, nameof(options))
            : new KnnEstimator(options, labelColumnName, featureColumnName);
    }
}

/// <summary>
/// ML.NET estimator for <see cref="KnnTrainer"/>: reads a Boolean label and a vector of Single of known size (raw values, which the trainer
/// standardizes), and fits a <see cref="KnnTransformer"/>. ML.NET's trainer base classes cannot be derived from outside of ML.NET, so this
/// class implements <see cref="IEstimator{T}"/> itself. Safe for concurrent use.
/// </summary>
/// <remarks>ML.NET has no K-NN; requested in https://github.com/dotnet/machinelearning/issues/1712 (2018) and 6639.</remarks>
public sealed class KnnEstimator : IEstimator<KnnTransformer>
{
    /// <summary>Encoder id of models whose features come from an ML.NET pipeline.</summary>
    public const string EncoderId = "ml.net";

    private readonly KnnOptions _options;
    private readonly string _labelColumnName;
    private readonly string _featureColumnName;

    internal KnnEstimator(KnnOptions options, string labelColumnName, string featureColumnName)
    {
        _options = options;
        _labelColumnName = labelColumnName;
        _featureColumnName = featureColumnName;
    }

    /// <summary>
    /// Fits a model: reads all rows once, with O(n d) time and memory. Feature names are the slot names of the feature column; a slot
    /// without a name gets the column's name and its index, for example <c>Features[2]</c>.
    /// </summary>
    /// <param name="input">Rows with label and feature column.</param>
    /// <exception cref="ArgumentException">A column is missing or has another type.</exception>
    /// <exception cref="TrainingFailedException">
    /// The model cannot be fitted: no rows, only one outcome, fewer than k rows, or a value that is NaN or infinite (the message names row
    /// and feature).
    /// </exception>
    public KnnTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var label = KnnColumns.Label(input.Schema, _labelColumnName);
        var features = KnnColumns.Features(input.Schema, _featureColumnName);
        var points = WeightedSamples.FromRows(NamesOf(features), RowsOf(input, label, features));
        return new KnnTransformer(new KnnTrainer(_options, EncoderId).Fit(points), _featureColumnName);
    }

    /// <summary>The columns after this estimator, before it is fitted.</summary>
    /// <exception cref="ArgumentException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        KnnColumns.Validate(inputSchema, _labelColumnName, _featureColumnName);
        return KnnColumns.AppendTo(inputSchema);
    }

    private static string[] NamesOf(DataViewSchema.Column features)
    {
        string[] names = [.. Enumerable.Range(0, ((VectorDataViewType)features.Type).Size).Select(slot => $"{features.Name}[{slot}]")];
        if (!features.HasSlotNames())
            return names;
        VBuffer<ReadOnlyMemory<char>> slotNames = default;
        features.GetSlotNames(ref slotNames);
        foreach (var (slot, name) in slotNames.Items().Where(item => !item.Value.IsEmpty))
            names[slot] = name.ToString();
        return names;
    }

    private static IEnumerable<WeightedSample> RowsOf(IDataView input, DataViewSchema.Column label, DataViewSchema.Column features)
    {
        using var cursor = input.GetRowCursor([label, features]);
        var readSurvived = cursor.GetGetter<bool>(label);
        var readPoint = cursor.GetGetter<VBuffer<float>>(features);
        var survived = false;
        VBuffer<float> point = default;
        while (cursor.MoveNext())
        {
            readSurvived(ref survived);
            readPoint(ref point);
            yield return new WeightedSample([.. point.DenseValues().Select(value => (double)value)], survived);
        }
    }
}
