using Microsoft.ML;
using Microsoft.ML.Data;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// A <see cref="KnnModel"/> in an ML.NET pipeline. It reads one vector of Single (raw values, one per feature of the model) and appends
/// <c>PredictedLabel</c> (Boolean), <c>Score</c> (Single, -0.5..0.5: the probability's distance from one half) and <c>Probability</c>
/// (Single, 0..1), which is what ML.NET's calibrated evaluation asks for.
/// </summary>
/// <remarks>
/// <para>Immutable and safe for concurrent use; rows are answered when they are read, and each cursor works for itself. A row with NaN or
/// infinity ends reading with an <see cref="InvalidDataException"/> that names row, feature and column.</para>
/// <para>For permutation feature importance give it and the rows that reach it:
/// <c>mlContext.BinaryClassification.PermutationFeatureImportance(chain.LastTransformer, chain.Transform(rows))</c>. The overload that
/// takes a whole chain looks for an interface that is internal to ML.NET, which no transformer from outside can have.</para>
/// </remarks>
public sealed class KnnTransformer : ISingleFeaturePredictionTransformer<KnnModel>
{
    /// <summary>Also puts a loaded model back into a pipeline, behind the same transformations as before it was saved.</summary>
    /// <param name="featureColumnName">A vector of Single with one value per feature of the model, in that order.</param>
    public KnnTransformer(KnnModel model, string featureColumnName = "Features")
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(featureColumnName);
        Model = model;
        FeatureColumnName = featureColumnName;
        FeatureColumnType = new VectorDataViewType(NumberDataViewType.Single, model.Training.Dimensions);
    }

    public KnnModel Model { get; }
    public string FeatureColumnName { get; }
    public DataViewType FeatureColumnType { get; }

    /// <summary>True: every row is answered for itself.</summary>
    public bool IsRowToRowMapper => true;

    /// <exception cref="ArgumentException">There is no such feature column, or it has another type or number of values than in training.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new KnnView(input, Mapper(input.Schema));
    }

    /// <exception cref="ArgumentException">There is no such feature column, or it has another type or number of values than in training.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Mapper(inputSchema).OutputSchema;

    /// <exception cref="ArgumentException">There is no such feature column, or it has another type or number of values than in training.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => Mapper(inputSchema);

    /// <summary>Always refuses: what ML.NET would need to load a foreign transformer is internal to it.</summary>
    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException(
        "A K-NN is not saved into an ML.NET model file; save its learned part with KnnModel.Save and load it with KnnModel.Load.");

    private KnnMapper Mapper(DataViewSchema input) => new(Model, input, FeatureColumnName);
}
