using System.Runtime.CompilerServices;

namespace Titanic.Web.Passengers;

/// <summary>Reads outcomes that come without their passengers: PassengerId and Survived, and where they are known Source and KnownAt.</summary>
public sealed class OutcomeCsv
{
    private static readonly CsvLayout _layout = new(["PassengerId", "Survived"], ["Source", "KnownAt"], "outcome");

    private readonly CsvFile _file;
    private readonly OutcomeOrigin _origin;

    private OutcomeCsv(CsvFile file, OutcomeOrigin origin)
    {
        _file = file;
        _origin = origin;
    }

    /// <summary>Columns that were not read, escaped for messages; a column without a name is an empty text.</summary>
    public IReadOnlyList<string> IgnoredColumns => _file.Header.IgnoredColumns;

    /// <inheritdoc cref="PassengerCsv.OpenAsync"/>
    public static async Task<OutcomeCsv> OpenAsync(Stream file, OutcomeOrigin origin, PassengersOptions options, CancellationToken cancellation) =>
        new(await CsvFile.OpenAsync(file, _layout, options, cancellation), origin);

    /// <inheritdoc cref="PassengerCsv.RowsAsync"/>
    public async IAsyncEnumerable<OutcomeRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var validator = new RowValidator();
        var header = _file.Header;
        var (id, survived, source, knownAt) = (header.Find("PassengerId"), header.Find("Survived"), header.Find("Source"), header.Find("KnownAt"));
        await foreach (var line in _file.LinesAsync(cancellation))
        {
            validator.Begin(_file.Record.GetRawRecordSpan());
            var outcome = _file.CellsAreCertain(validator, line) ? validator.Outcome(line, Cell(id), Cell(survived), Cell(source), Cell(knownAt), _origin) : null;
            yield return outcome is not null && validator.IsValid
                ? outcome
                : new RejectedOutcome(line, validator.Problems(), Excerpt.TruncateRecord(_file.Record.GetRawRecordSpan()));
        }
    }

    private ReadOnlySpan<char> Cell(int column) => column == CsvHeader.Absent ? [] : _file.Record.GetFieldSpan(column);
}
