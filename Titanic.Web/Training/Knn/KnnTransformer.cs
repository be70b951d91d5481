using Microsoft.ML;
using Microsoft.ML.Data;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// A fitted <see cref="KnnModel"/> in an ML.NET pipeline: appends <c>PredictedLabel</c> (Boolean), <c>Score</c> (Single: the
/// probability's distance from 0.5) and <c>Probability</c> (Single).
/// </summary>
public sealed class KnnTransformer : ISingleFeaturePredictionTransformer<KnnModel>
{
    private readonly ITransformer _mapping;

    internal KnnTransformer(KnnModel model, string featureColumnName, DataViewType features)
    {
        Model = model;
        FeatureColumnName = featureColumnName;
        FeatureColumnType = features;
        _mapping = KnnColumns.Transformer(point => model.Predict(point), featureColumnName, features);
    }

    public KnnModel Model { get; }
    public string FeatureColumnName { get; }
    public DataViewType FeatureColumnType { get; }
    public bool IsRowToRowMapper => true;

    public IDataView Transform(IDataView input) => _mapping.Transform(input);

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _mapping.GetOutputSchema(inputSchema);

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => _mapping.GetRowToRowMapper(inputSchema);

    /// <summary>Always refuses: what ML.NET would need to load a foreign transformer is internal to it.</summary>
    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException(
        "A K-NN is not saved into an ML.NET model file; save its learned part with KnnModel.Save and load it with KnnModel.Load.");
}
