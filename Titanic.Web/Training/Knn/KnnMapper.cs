using Microsoft.ML;
using Microsoft.ML.Data;

namespace Titanic.Web.Training.Knn;

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
