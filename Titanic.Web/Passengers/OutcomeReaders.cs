using System.Runtime.CompilerServices;

namespace Titanic.Web.Passengers;

/// <summary>What became of one row of a list of outcomes.</summary>
/// <param name="Line">The physical line, or the element's number.</param>
public abstract record OutcomeRow(long Line);

/// <summary>Where a list of outcomes comes from.</summary>
/// <param name="Source">Of the passengers whose row does not name theirs.</param>
/// <param name="Now">No outcome can have become known later.</param>
public sealed record OutcomeOrigin(string Source, DateTimeOffset Now);

/// <param name="Source">Of the passenger.</param>
/// <param name="KnownAt">When the outcome became known; null where the row does not tell.</param>
public sealed record AcceptedOutcome(long Line, string Source, string SourceKey, bool Survived, DateTimeOffset? KnownAt) : OutcomeRow(Line);

/// <param name="Problems">Everything that is wrong with the row; never empty.</param>
/// <param name="Excerpt">The beginning of the row, escaped; safe to store and to log, still to be HTML-encoded on a page.</param>
public sealed record RejectedOutcome(long Line, IReadOnlyList<RowProblem> Problems, string Excerpt) : OutcomeRow(Line);

/// <summary>Reads outcomes that come without their passengers: PassengerId and Survived, and where they are known Source and KnownAt.</summary>
public sealed class OutcomeCsv : IRowReader<OutcomeRow>
{
    private static readonly CsvLayout _layout = new(["PassengerId", "Survived"], ["Source", "KnownAt"], "outcome");

    private readonly CsvFile _file;
    private readonly OutcomeOrigin _origin;

    private OutcomeCsv(CsvFile file, OutcomeOrigin origin)
    {
        _file = file;
        _origin = origin;
    }

    public IReadOnlyList<string> Warnings => RowWarnings.OfColumns(_file.Header.IgnoredColumns);

    /// <inheritdoc cref="PassengerCsv.OpenAsync"/>
    public static async Task<OutcomeCsv> OpenAsync(Stream file, OutcomeOrigin origin, PassengersOptions options, CancellationToken cancellation) =>
        new(await CsvFile.OpenAsync(file, _layout, options, cancellation), origin);

    public async IAsyncEnumerable<OutcomeRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var validator = new RowValidator();
        var header = _file.Header;
        var (id, survived, source, knownAt) = (header.Find("PassengerId"), header.Find("Survived"), header.Find("Source"), header.Find("KnownAt"));
        await foreach (var line in _file.LinesAsync(cancellation))
        {
            validator.Begin(line, _file.Record.GetRawRecordSpan());
            var outcome = _file.CellsAreCertain(validator, line) ? validator.Outcome(Cell(id), Cell(survived), Cell(source), Cell(knownAt), _origin) : null;
            yield return outcome is not null && validator.IsValid
                ? outcome
                : new RejectedOutcome(line, validator.Problems(), Excerpt.TruncateRecord(_file.Record.GetRawRecordSpan()));
        }
    }

    private ReadOnlySpan<char> Cell(int column) => column == CsvHeader.Absent ? [] : _file.Record.GetFieldSpan(column);
}

/// <summary>
/// Reads outcomes that come without their passengers from a JSON array of objects <c>{passengerId, survived, source?, knownAt?}</c>. The line
/// of a row is the element's number.
/// </summary>
public sealed class OutcomeJson(Stream body, OutcomeOrigin origin, PassengersOptions options) : IRowReader<OutcomeRow>
{
    private static readonly string[] _members = ["passengerId", "survived", "source", "knownAt"];

    private readonly JsonRow _row = new(_members);

    public IReadOnlyList<string> Warnings => RowWarnings.OfMembers(_row.Ignored);

    public async IAsyncEnumerable<OutcomeRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var (number, element) in JsonRows.Read(body, "outcome", options, cancellation))
        {
            var outcome = _row.Take(number, element)
                ? _row.Validator.Outcome(_row["passengerId"], _row["survived"], _row["source"], _row["knownAt"], origin)
                : null;
            yield return outcome is not null && _row.Validator.IsValid
                ? outcome
                : new RejectedOutcome(number, _row.Validator.Problems(), JsonRow.ExcerptOf(element));
        }
    }
}
