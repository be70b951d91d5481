using Microsoft.ML;
using Microsoft.ML.Data;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// ML.NET's side of <see cref="KnnTrainer"/>. The library's trainer base classes cannot be derived from outside, so this implements
/// the estimator itself; which columns go in and come out is left to a custom mapping, which does that bookkeeping in the open.
/// </summary>
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

    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="TrainingRefusedException">These rows cannot be learned from.</exception>
    public KnnTransformer Fit(IDataView input)
    {
        var label = ColumnOf(input.Schema, _labelColumnName);
        if (label.Type is not BooleanDataViewType)
            throw new ArgumentException($"Column '{_labelColumnName}' is {label.Type}; it must be Boolean.", nameof(input));
        var features = ColumnOf(input.Schema, _featureColumnName);
        if (features.Type is not VectorDataViewType { IsKnownSize: true, ItemType: NumberDataViewType { RawType: var itemType } } vector
            || itemType != typeof(float))
            throw new ArgumentException(
                $"Column '{_featureColumnName}' is {features.Type}; it must be a vector of Single of known size.", nameof(input));

        var points = LabelledPoints.FromRows(NamesOf(features, vector.Size), RowsOf(input, label, features));
        return new KnnTransformer(new KnnTrainer(_options, EncoderId).Fit(points), _featureColumnName, features.Type);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        KnnColumns.Mapping(_ => new KnnAnswer(), _featureColumnName, features: null).GetOutputSchema(inputSchema);

    private static DataViewSchema.Column ColumnOf(DataViewSchema schema, string name) =>
        schema.GetColumnOrNull(name)
        ?? throw new ArgumentException(
            $"There is no column '{name}'; there are {string.Join(", ", schema.Select(column => column.Name))}.");

    private static string[] NamesOf(DataViewSchema.Column features, int size)
    {
        string[] names = [.. Enumerable.Range(0, size).Select(slot => $"{features.Name}[{slot}]")];
        if (!features.HasSlotNames())
            return names;
        VBuffer<ReadOnlyMemory<char>> slotNames = default;
        features.GetSlotNames(ref slotNames);
        foreach (var (slot, name) in slotNames.Items().Where(item => !item.Value.IsEmpty))
            names[slot] = name.ToString();
        return names;
    }

    private static IEnumerable<LabelledRow> RowsOf(IDataView input, DataViewSchema.Column label, DataViewSchema.Column features)
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
            yield return new LabelledRow([.. point.DenseValues().Select(value => (double)value)], survived);
        }
    }
}
