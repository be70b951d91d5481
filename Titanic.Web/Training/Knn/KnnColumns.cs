using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Titanic.Web.Training.Knn;

/// <summary>The columns the K-NN reads and appends, as an ML.NET custom mapping.</summary>
internal static class KnnColumns
{
    public delegate KnnAnswer Answer(ReadOnlySpan<double> point);

    /// <param name="features">The feature column's type; null while it is not known yet: any vector of Single.</param>
    public static CustomMappingEstimator<Input, Output> Mapping(Answer answer, string featureColumnName, DataViewType? features)
    {
        var input = SchemaDefinition.Create(typeof(Input));
        input[nameof(Input.Features)].ColumnName = featureColumnName;
        input[nameof(Input.Features)].ColumnType = features ?? new VectorDataViewType(NumberDataViewType.Single);
        return new MLContext().Transforms.CustomMapping<Input, Output>(
            (row, appended) => Append(answer, row, appended), contractName: null, input);
    }

    public static ITransformer Transformer(Answer answer, string featureColumnName, DataViewType features) =>
        Mapping(answer, featureColumnName, features).Fit(NoRows(featureColumnName, features));

    private static void Append(Answer answer, Input row, Output appended)
    {
        Span<float> raw = row.Features.Length <= 64 ? stackalloc float[row.Features.Length] : new float[row.Features.Length];
        Span<double> point = raw.Length <= 64 ? stackalloc double[raw.Length] : new double[raw.Length];
        row.Features.CopyTo(raw);
        for (var feature = 0; feature < raw.Length; feature++)
            point[feature] = raw[feature];
        var (survived, probability, _, _) = answer(point);
        appended.PredictedLabel = survived;
        appended.Probability = (float)probability;
        appended.Score = (float)(probability - 0.5);
    }

    /// <summary>A custom mapping learns nothing, but wants to see the columns before it maps.</summary>
    private static IDataView NoRows(string featureColumnName, DataViewType features)
    {
        var schema = SchemaDefinition.Create(typeof(Input));
        schema[nameof(Input.Features)].ColumnName = featureColumnName;
        schema[nameof(Input.Features)].ColumnType = features;
        return new MLContext().Data.LoadFromEnumerable<Input>([], schema);
    }

    internal sealed class Input
    {
        public VBuffer<float> Features { get; set; }
    }

    internal sealed class Output
    {
        public bool PredictedLabel { get; set; }
        public float Score { get; set; }
        public float Probability { get; set; }
    }
}
