using Microsoft.ML;
using Microsoft.ML.Data;

namespace Titanic.Web.Training.Knn;

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
