using Microsoft.ML;
using Microsoft.ML.Data;

namespace Titanic.Web.Training.Knn;

/// <summary>
/// A <see cref="KnnModel"/> as a transformer of an ML.NET pipeline. It reads one vector of Single (d raw values) and appends
/// <c>PredictedLabel</c> (Boolean), <c>Score</c> (Single, -0.5..0.5: probability - 0.5) and <c>Probability</c> (Single, 0..1), which
/// ML.NET's evaluation of calibrated classifiers requires.
/// </summary>
/// <remarks>
/// <para>Immutable and safe for concurrent use. Predictions are computed when rows are read; cursors are independent of each other. A row
/// with NaN or infinity throws an <see cref="InvalidDataException"/> that names row, feature and column.</para>
/// <para>For permutation feature importance, pass this transformer and its input rows:
/// <c>mlContext.BinaryClassification.PermutationFeatureImportance(chain.LastTransformer, chain.Transform(rows))</c>. The overload for a
/// whole chain requires an interface that is internal to ML.NET.</para>
/// </remarks>
public sealed class KnnTransformer : ISingleFeaturePredictionTransformer<KnnModel>
{
    /// <summary>Creates a transformer, also from a loaded model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="featureColumnName">Column with a vector of d Singles, in the order of the model's features; default "Features".</param>
    public KnnTransformer(KnnModel model, string featureColumnName = "Features")
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(featureColumnName);
        Model = model;
        FeatureColumnName = featureColumnName;
        FeatureColumnType = new VectorDataViewType(NumberDataViewType.Single, model.Training.Dimensions);
    }

    /// <summary>The model.</summary>
    public KnnModel Model { get; }
    /// <summary>Name of the feature column.</summary>
    public string FeatureColumnName { get; }
    /// <summary>Vector of d Singles.</summary>
    public DataViewType FeatureColumnType { get; }

    /// <summary>Always true: rows are predicted independently.</summary>
    public bool IsRowToRowMapper => true;

    /// <summary>The input with appended predictions; lazy.</summary>
    /// <exception cref="ArgumentException">The feature column is missing, or its type or length differs from training.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new KnnView(input, Mapper(input.Schema));
    }

    /// <summary>The columns of <see cref="Transform"/>'s result.</summary>
    /// <exception cref="ArgumentException">The feature column is missing, or its type or length differs from training.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Mapper(inputSchema).OutputSchema;

    /// <summary>Maps single rows, for example in a prediction engine.</summary>
    /// <exception cref="ArgumentException">The feature column is missing, or its type or length differs from training.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => Mapper(inputSchema);

    /// <summary>Not supported: the interface by which ML.NET loads transformers is internal to it.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException(
        "A K-NN model cannot be saved to an ML.NET model file; save it with KnnModel.Save and load it with KnnModel.Load.");

    private KnnMapper Mapper(DataViewSchema input) => new(Model, input, FeatureColumnName);
}

/// <summary>The rows of an input with appended predictions; lazy, with independent cursors.</summary>
internal sealed class KnnView(IDataView input, KnnMapper mapper) : IDataView
{
    public DataViewSchema Schema => mapper.OutputSchema;
    public bool CanShuffle => input.CanShuffle;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return mapper.CreateCursor(input.GetRowCursor(mapper.GetDependencies(needed), rand), needed);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return [.. input.GetRowCursorSet(mapper.GetDependencies(needed), n, rand).Select(cursor => mapper.CreateCursor(cursor, needed))];
    }
}

/// <summary>Maps rows of one schema to the same columns with appended predictions.</summary>
internal sealed class KnnMapper : IRowToRowMapper
{
    private readonly KnnModel _model;
    private readonly DataViewSchema.Column _features;

    /// <summary>Creates a mapper for an input schema.</summary>
    /// <exception cref="ArgumentException">The feature column is missing, or its type or length differs from training.</exception>
    public KnnMapper(KnnModel model, DataViewSchema input, string featureColumnName)
    {
        _model = model;
        _features = KnnColumns.Features(input, featureColumnName, model.Training.Dimensions);
        InputSchema = input;
        OutputSchema = KnnColumns.AppendTo(input);
    }

    public DataViewSchema InputSchema { get; }
    public DataViewSchema OutputSchema { get; }

    /// <summary>Prediction columns depend on the feature column; every other column on itself.</summary>
    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => dependingColumns
        .Select(column => IsPrediction(column) ? _features : InputSchema[column.Index])
        .DistinctBy(column => column.Index);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => CreateCursor(input, activeColumns);

    /// <summary>Creates a cursor.</summary>
    /// <param name="input">
    /// A row or cursor of <see cref="InputSchema"/> in which the columns of <see cref="GetDependencies"/> are active.
    /// </param>
    /// <param name="activeColumns">The columns to read.</param>
    public KnnCursor CreateCursor(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new(input, OutputSchema, activeColumns.Any(IsPrediction) ? new KnnRowPredictions(input, _features, _model) : null);

    private bool IsPrediction(DataViewSchema.Column column) => column.Index >= InputSchema.Count;
}

/// <summary>
/// Follows an input row or cursor and adds predictions. A prediction engine has one row whose content changes: a cursor that cannot move.
/// </summary>
/// <param name="input">Row or cursor of the input schema.</param>
/// <param name="schema">Output schema.</param>
/// <param name="predictions">Null if no prediction column is active.</param>
internal sealed class KnnCursor(DataViewRow input, DataViewSchema schema, KnnRowPredictions? predictions) : DataViewRowCursor
{
    public override DataViewSchema Schema => schema;
    public override long Position => input.Position;
    public override long Batch => input.Batch;

    public override bool MoveNext() => input is DataViewRowCursor rows && rows.MoveNext();

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) =>
        IsInput(column) ? input.IsColumnActive(input.Schema[column.Index]) : predictions is not null;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (IsInput(column))
            return input.GetGetter<TValue>(input.Schema[column.Index]);
        if (predictions is null)
            throw new InvalidOperationException($"The column \"{column.Name}\" is not active; request it when the cursor is created.");
        return predictions.CreateGetter(column.Name) as ValueGetter<TValue>
            ?? throw new InvalidOperationException(
                $"The column \"{column.Name}\" is {column.Type}; it was requested as {typeof(TValue).Name}.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            input.Dispose();
        base.Dispose(disposing);
    }

    private bool IsInput(DataViewSchema.Column column) => column.Index < input.Schema.Count;
}

/// <summary>
/// Predicts the current row of its source, once per row whatever number of columns is read. Buffers for dense or sparse features are
/// reused, so rows cause no allocations. Not thread-safe, like the row itself.
/// </summary>
internal sealed class KnnRowPredictions(DataViewRow row, DataViewSchema.Column features, KnnModel model)
{
    private readonly ValueGetter<VBuffer<float>> _readFeatures = row.GetGetter<VBuffer<float>>(row.Schema[features.Index]);
    private readonly float[] _values = new float[model.Training.Dimensions];
    private readonly double[] _point = new double[model.Training.Dimensions];

    private VBuffer<float> _features;
    private ClassPrediction _prediction;
    private long? _predictedPosition;

    public Delegate CreateGetter(string column) => column switch
    {
        KnnColumns.PredictedLabel => (ValueGetter<bool>)((ref value) => value = Predict().Survived),
        KnnColumns.Probability => (ValueGetter<float>)((ref value) => value = (float)Predict().Probability),
        _ => (ValueGetter<float>)((ref value) => value = (float)(Predict().Probability - 0.5)),
    };

    private ClassPrediction Predict()
    {
        if (_predictedPosition == row.Position)
            return _prediction;
        _readFeatures(ref _features);
        _features.CopyTo(_values);
        for (var feature = 0; feature < _values.Length; feature++)
        {
            if (!WeightedSamples.IsAllowed(_values[feature]))
                throw new InvalidDataException(FormattableString.Invariant(
                    $"Row {row.Position + 1:#,##0} has {_values[feature]} as \"{model.Training.FeatureNames[feature]}\" in column \"{features.Name}\"; it must be {WeightedSamples.AllowedValues}."));
            _point[feature] = _values[feature];
        }
        _prediction = model.Predict(_point);
        _predictedPosition = row.Position;
        return _prediction;
    }
}
