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

/// <summary>The rows of another view with a model's answers beside them; lazy, and each cursor works for itself.</summary>
internal sealed class KnnView(IDataView input, KnnMapper mapper) : IDataView
{
    public DataViewSchema Schema => mapper.OutputSchema;
    public bool CanShuffle => input.CanShuffle;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return mapper.CursorOver(input.GetRowCursor(mapper.GetDependencies(needed), rand), needed);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return [.. input.GetRowCursorSet(mapper.GetDependencies(needed), n, rand).Select(cursor => mapper.CursorOver(cursor, needed))];
    }
}

/// <summary>What rows of one schema become when a model answers them: the same columns, and the answers behind them.</summary>
internal sealed class KnnMapper : IRowToRowMapper
{
    private readonly KnnModel _model;
    private readonly DataViewSchema.Column _features;

    /// <exception cref="ArgumentException">The schema has no such features.</exception>
    public KnnMapper(KnnModel model, DataViewSchema input, string featureColumnName)
    {
        _model = model;
        _features = KnnColumns.Features(input, featureColumnName, model.Training.Dimensions);
        InputSchema = input;
        OutputSchema = KnnColumns.AppendedTo(input);
    }

    public DataViewSchema InputSchema { get; }
    public DataViewSchema OutputSchema { get; }

    /// <summary>Answers need the features; every other column needs itself.</summary>
    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => dependingColumns
        .Select(column => IsAnswer(column) ? _features : InputSchema[column.Index])
        .DistinctBy(column => column.Index);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => CursorOver(input, activeColumns);

    /// <param name="input">A row or a cursor of <see cref="InputSchema"/> in which the columns of <see cref="GetDependencies"/> are active.</param>
    public KnnCursor CursorOver(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new(input, OutputSchema, activeColumns.Any(IsAnswer) ? new KnnRowAnswers(input, _features, _model) : null);

    private bool IsAnswer(DataViewSchema.Column column) => column.Index >= InputSchema.Count;
}

/// <summary>
/// Moves with the rows it was made over and adds the answers. A prediction engine has one row, whose content changes: that is a cursor
/// which cannot move.
/// </summary>
/// <param name="answers">Null where nobody asked for an answer.</param>
internal sealed class KnnCursor(DataViewRow input, DataViewSchema schema, KnnRowAnswers? answers) : DataViewRowCursor
{
    public override DataViewSchema Schema => schema;
    public override long Position => input.Position;
    public override long Batch => input.Batch;

    public override bool MoveNext() => input is DataViewRowCursor rows && rows.MoveNext();

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) =>
        IsInput(column) ? input.IsColumnActive(input.Schema[column.Index]) : answers is not null;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (IsInput(column))
            return input.GetGetter<TValue>(input.Schema[column.Index]);
        if (answers is null)
            throw new InvalidOperationException($"Column '{column.Name}' is not among those that this cursor was asked for.");
        return answers.GetterOf(column.Name) as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"Column '{column.Name}' is {column.Type}; it was asked for as {typeof(TValue).Name}.");
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
/// Answers the row at which its source stands, once per row however many columns are read. Room for the features is kept from row to
/// row, dense or sparse, so rows cost no memory; it serves one thread, like the row itself.
/// </summary>
internal sealed class KnnRowAnswers(DataViewRow row, DataViewSchema.Column features, KnnModel model)
{
    private readonly ValueGetter<VBuffer<float>> _featuresOfRow = row.GetGetter<VBuffer<float>>(row.Schema[features.Index]);
    private readonly float[] _values = new float[model.Training.Dimensions];
    private readonly double[] _point = new double[model.Training.Dimensions];

    private VBuffer<float> _features;
    private ClassPrediction _answer;
    private long? _answered;

    public Delegate GetterOf(string column) => column switch
    {
        KnnColumns.PredictedLabel => (ValueGetter<bool>)((ref value) => value = Answer().Survived),
        KnnColumns.Probability => (ValueGetter<float>)((ref value) => value = (float)Answer().Probability),
        _ => (ValueGetter<float>)((ref value) => value = (float)(Answer().Probability - 0.5)),
    };

    private ClassPrediction Answer()
    {
        if (_answered == row.Position)
            return _answer;
        _featuresOfRow(ref _features);
        _features.CopyTo(_values);
        for (var feature = 0; feature < _values.Length; feature++)
        {
            if (!WeightedSamples.IsUsable(_values[feature]))
                throw new InvalidDataException(FormattableString.Invariant(
                    $"Row {row.Position + 1} has {_values[feature]} as '{model.Training.FeatureNames[feature]}' in column '{features.Name}'; it must be {WeightedSamples.UsableValue}."));
            _point[feature] = _values[feature];
        }
        _answer = model.Predict(_point);
        _answered = row.Position;
        return _answer;
    }
}
