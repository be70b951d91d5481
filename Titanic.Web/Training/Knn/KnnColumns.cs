using Microsoft.ML;
using Microsoft.ML.Data;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// The columns that the K-NN reads and appends. Names, types and annotations of the appended columns are those of ML.NET's calibrated
/// trainers. An existing column of the same name is hidden, as usual in ML.NET.
/// </summary>
internal static class KnnColumns
{
    public const string PredictedLabel = nameof(Appended.PredictedLabel), Score = nameof(Appended.Score), Probability = nameof(Appended.Probability);

    private static readonly DataViewSchema _appended = new MLContext().Data.LoadFromEnumerable<Appended>([], AnnotatedSchema()).Schema;

    // Only ML.NET can create columns of a SchemaShape. A custom mapping returns the shape of the columns that it appends; this mapping is
    // never run.
    private static readonly SchemaShape _appendedShape = new MLContext().Transforms
        .CustomMapping<NoColumns, Appended>(static (_, _) => { }, contractName: null, outputSchemaDefinition: AnnotatedSchema())
        .GetOutputSchema(new SchemaShape([]));

    /// <summary>The schema with the appended columns.</summary>
    public static DataViewSchema AppendTo(DataViewSchema input)
    {
        var both = new DataViewSchema.Builder();
        both.AddColumns(input);
        both.AddColumns(_appended);
        return both.ToSchema();
    }

    /// <summary>The schema shape with the appended columns.</summary>
    public static SchemaShape AppendTo(SchemaShape input) =>
        new(input.Where(column => _appended.GetColumnOrNull(column.Name) is null).Concat(_appendedShape));

    /// <summary>The label column.</summary>
    /// <exception cref="ArgumentException">The column is missing or not Boolean.</exception>
    public static DataViewSchema.Column Label(DataViewSchema schema, string name)
    {
        var label = Find(schema, name);
        return label.Type is BooleanDataViewType ? label : throw WrongType(name, label.Type, "Boolean");
    }

    /// <summary>The feature column.</summary>
    /// <param name="schema">The input schema.</param>
    /// <param name="name">Name of the column.</param>
    /// <param name="size">Required number of values; null for any number.</param>
    /// <exception cref="ArgumentException">The column is missing or is not a vector of Single of known (or this) size.</exception>
    public static DataViewSchema.Column Features(DataViewSchema schema, string name, int? size = null)
    {
        var features = Find(schema, name);
        if (features.Type is not VectorDataViewType { IsKnownSize: true } vector || vector.ItemType != NumberDataViewType.Single)
            throw WrongType(name, features.Type, "a vector of Single of known size");
        return size is null || vector.Size == size ? features : throw WrongType(name, features.Type, $"a vector of {size} values, as in training");
    }

    /// <summary>Validates the columns of a schema shape, before there is a schema.</summary>
    /// <exception cref="ArgumentException">A column is missing or has another type.</exception>
    public static void Validate(SchemaShape shape, string labelName, string featuresName)
    {
        var label = Find(shape, labelName);
        if (label.Kind != SchemaShape.Column.VectorKind.Scalar || label.ItemType is not BooleanDataViewType)
            throw WrongType(labelName, $"{label.Kind} of {label.ItemType}", "Boolean");
        var features = Find(shape, featuresName);
        if (features.Kind != SchemaShape.Column.VectorKind.Vector || features.ItemType != NumberDataViewType.Single)
            throw WrongType(featuresName, $"{features.Kind} of {features.ItemType}", "a vector of Single of known size");
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, string name) =>
        schema.GetColumnOrNull(name) ?? throw Missing(name, schema.Select(column => column.Name));

    private static SchemaShape.Column Find(SchemaShape shape, string name)
    {
        foreach (var column in shape)
        {
            if (column.Name == name)
                return column;
        }
        throw Missing(name, shape.Select(column => column.Name));
    }

    private static ArgumentException Missing(string name, IEnumerable<string> existing) =>
        new(ErrorText.UnknownName("column", name, [.. existing]));

    private static ArgumentException WrongType(string name, object type, string expected) => new($"The column \"{name}\" is {type}; it must be {expected}.");

    private static SchemaDefinition AnnotatedSchema()
    {
        var appended = SchemaDefinition.Create(typeof(Appended));
        foreach (var column in appended)
        {
            column.AddAnnotation("ScoreColumnKind", "BinaryClassification".AsMemory(), TextDataViewType.Instance);
            column.AddAnnotation("ScoreValueKind", column.MemberName.AsMemory(), TextDataViewType.Instance);
        }
        appended[Probability].AddAnnotation("IsNormalized", true, BooleanDataViewType.Instance);
        return appended;
    }

    private sealed class NoColumns;

    private sealed class Appended
    {
        public bool PredictedLabel { get; set; }
        public float Score { get; set; }
        public float Probability { get; set; }
    }
}
