using System.Runtime.CompilerServices;

namespace Titanic.Web.Passengers;

/// <summary>The result of reading one row of an outcome file: <see cref="AcceptedOutcome"/> or <see cref="RejectedOutcome"/>.</summary>
/// <param name="Line">In CSV the physical line where the record starts; in JSON the 1-based number of the element.</param>
public abstract record OutcomeRow(long Line);

/// <summary>The defaults and limits for the rows of an outcome file.</summary>
/// <param name="Source">The source of passengers whose row has no source.</param>
/// <param name="Now">The latest known-at time that is allowed.</param>
public sealed record OutcomeOrigin(string Source, DateTimeOffset Now);

/// <summary>A valid outcome.</summary>
/// <param name="Source">The source of the passenger.</param>
/// <param name="KnownAt">When the outcome became known; null if the row does not specify it.</param>
public sealed record AcceptedOutcome(long Line, string Source, string SourceKey, bool Survived, DateTimeOffset? KnownAt) : OutcomeRow(Line);

/// <summary>A row that breaks at least one rule.</summary>
/// <param name="Problems">All rules that the row breaks; never empty.</param>
/// <param name="Excerpt">The first 80 characters of the row, escaped for storage and logs. Pages must still HTML-encode it.</param>
public sealed record RejectedOutcome(long Line, IReadOnlyList<RowProblem> Problems, string Excerpt) : OutcomeRow(Line);

/// <summary>
/// Reads outcomes of passengers that are already stored from a CSV file: PassengerId, Survived and, optionally, Source and KnownAt.
/// </summary>
public sealed class OutcomeCsv : IRowReader<OutcomeRow>
{
    internal static readonly CsvLayout Layout = new(
        [
            new("passengerId", "PassengerId", "id") { IsRequired = true },
            new("survived", "Survived", "alive", "survival") { IsRequired = true },
            new("source", "Source"), new("knownAt", "KnownAt"),
        ],
        "outcome");

    private readonly CsvFile _file;
    private readonly OutcomeOrigin _origin;
    private readonly string? _compression;

    private OutcomeCsv(CsvFile file, OutcomeOrigin origin, string? compression) =>
        (_file, _origin, _compression) = (file, origin, compression);

    public IReadOnlyList<string> Warnings => RowWarnings.ForColumns(_file.Header.IgnoredColumns);

    public InputDescription? Input => _file.Description(_compression);

    /// <inheritdoc cref="PassengerCsv.OpenAsync"/>
    public static Task<OutcomeCsv> OpenAsync(Stream file, OutcomeOrigin origin, PassengersOptions options, CancellationToken cancellation) =>
        OpenAsync((file, null), origin, CsvReadOptions.Detect, options, cancellation);

    /// <inheritdoc cref="PassengerCsv.OpenAsync"/>
    internal static async Task<OutcomeCsv> OpenAsync(
        (Stream Text, string? Compression) file, OutcomeOrigin origin, CsvReadOptions read, PassengersOptions options,
        CancellationToken cancellation) =>
        new(await CsvFile.OpenAsync(file.Text, Layout, read, options, cancellation), origin, file.Compression);

    public async IAsyncEnumerable<OutcomeRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var validator = new RowValidator();
        var header = _file.Header;
        var (id, survived) = (header.Find("PassengerId"), header.Find("Survived"));
        var (source, knownAt) = (header.Find("Source"), header.Find("KnownAt"));
        await foreach (var line in _file.ReadLineNumbersAsync(cancellation))
        {
            validator.StartRow(line, _file.Record.GetRawRecordSpan(), _file.Delimiter);
            var outcome = _file.HasWellFormedCells(validator, line)
                ? validator.ParseOutcome(Cell(id), _file.Decimals.Normalize(Cell(survived), "Survived", validator), Cell(source), Cell(knownAt), _origin)
                : null;
            yield return outcome is not null && validator.IsValid
                ? outcome
                : new RejectedOutcome(line, validator.Problems(), Excerpt.TruncateRecord(_file.Record.GetRawRecordSpan()));
        }
    }

    private ReadOnlySpan<char> Cell(int column) => column == CsvHeader.NotFound ? [] : _file.Record.GetFieldSpan(column);
}

/// <summary>
/// Reads outcomes of passengers that are already stored from a JSON array of objects <c>{passengerId, survived, source?, knownAt?}</c>.
/// </summary>
public sealed class OutcomeJson(Stream body, OutcomeOrigin origin, PassengersOptions options) : IRowReader<OutcomeRow>
{
    private readonly JsonRow _row = new(OutcomeCsv.Layout);

    public IReadOnlyList<string> Warnings => RowWarnings.ForMembers(_row.Ignored);

    public InputDescription? Input => null;

    public async IAsyncEnumerable<OutcomeRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var (number, element) in JsonRows.Read(body, "outcome", options, cancellation))
        {
            var outcome = _row.TryRead(number, element)
                ? _row.Validator.ParseOutcome(_row["passengerId"], _row["survived"], _row["source"], _row["knownAt"], origin)
                : null;
            yield return outcome is not null && _row.Validator.IsValid
                ? outcome
                : new RejectedOutcome(number, _row.Validator.Problems(), JsonRow.ExcerptOf(element));
        }
    }
}
