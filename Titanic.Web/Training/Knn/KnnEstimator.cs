using Microsoft.ML;
using Microsoft.ML.Data;

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

/// <summary>
/// ML.NET's side of <see cref="KnnTrainer"/>: reads a Boolean label and a vector of Single of known size (raw values: the trainer
/// standardises by itself), and learns a <see cref="KnnTransformer"/>. The library's trainer base classes cannot be derived from
/// outside, so this implements the estimator itself. Safe for concurrent use.
/// </summary>
/// <remarks>Asked for since 2018: https://github.com/dotnet/machinelearning/issues/1712 and 6639.</remarks>
public sealed class KnnEstimator : IEstimator<KnnTransformer>
{
    /// <summary>Encoder id of a model whose features were made by an ML.NET pipeline.</summary>
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
    /// Reads all rows once; time and memory O(rows x features). The features are called as their column's slots are; a slot without a
    /// name after its column and place, such as <c>Features[2]</c>.
    /// </summary>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="TrainingRefusedException">
    /// These rows cannot be learned from: none, one outcome only, fewer than k, or a value that is NaN or infinite (the message names row and feature).
    /// </exception>
    public KnnTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var label = KnnColumns.Label(input.Schema, _labelColumnName);
        var features = KnnColumns.Features(input.Schema, _featureColumnName);
        var points = WeightedSamples.FromRows(NamesOf(features), RowsOf(input, label, features));
        return new KnnTransformer(new KnnTrainer(_options, EncoderId).Fit(points), _featureColumnName);
    }

    /// <summary>The columns behind this estimator, before anything is fitted.</summary>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        KnnColumns.Require(inputSchema, _labelColumnName, _featureColumnName);
        return KnnColumns.AppendedTo(inputSchema);
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
        var survivedOf = cursor.GetGetter<bool>(label);
        var pointOf = cursor.GetGetter<VBuffer<float>>(features);
        var survived = false;
        VBuffer<float> point = default;
        while (cursor.MoveNext())
        {
            survivedOf(ref survived);
            pointOf(ref point);
            yield return new WeightedSample([.. point.DenseValues().Select(value => (double)value)], survived);
        }
    }
}
