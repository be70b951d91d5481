using System.Runtime.CompilerServices;

namespace Titanic.Web.Passengers;

/// <summary>The rows of a list in one of its formats, in constant memory however long the list is.</summary>
public interface IRowReader<out TRow>
{
    /// <summary>All rows after the header, once, in the order of the list. The list's stream must be open until then.</summary>
    /// <exception cref="PassengerFileException">Found at any row: what was read before must not be kept either.</exception>
    IAsyncEnumerable<TRow> RowsAsync(CancellationToken cancellation = default);

    /// <summary>Columns or members that are ignored, as a sentence, escaped for messages; complete once the rows are read.</summary>
    IReadOnlyList<string> Warnings { get; }
}

internal static class RowWarnings
{
    public static IReadOnlyList<string> OfColumns(IReadOnlyCollection<string> ignored) => Of("Columns", ignored);

    public static IReadOnlyList<string> OfMembers(IReadOnlyCollection<string> ignored) => Of("Members", ignored);

    private static IReadOnlyList<string> Of(string what, IReadOnlyCollection<string> ignored) =>
        ignored.Count == 0 ? [] : [$"{what} that were not read: {string.Join(", ", ignored)}."];
}

/// <summary>What became of one record of a file.</summary>
/// <param name="Line">The physical line where the record starts; the header is line 1. In JSON the element's number. No two rows share it.</param>
public abstract record PassengerRow(long Line);

public sealed record AcceptedRow(long Line, Passenger Passenger) : PassengerRow(Line);

/// <param name="Line">The physical line where the record starts; the header is line 1.</param>
/// <param name="Problems">Everything that is wrong with the record; never empty.</param>
/// <param name="Excerpt">The beginning of the record, escaped; safe to store and to log, still to be HTML-encoded on a page.</param>
public sealed record RejectedRow(long Line, IReadOnlyList<RowProblem> Problems, string Excerpt) : PassengerRow(Line);

/// <summary>Reads a passenger list as a stream of accepted and rejected rows, in the order of the file and in constant memory.</summary>
public sealed class PassengerCsv : IRowReader<PassengerRow>
{
    /// <summary>Kaggle's layout; the model uses none of the optional columns.</summary>
    private static readonly CsvLayout _layout = new(
        ["PassengerId", "Survived", "Pclass", "Name", "Sex", "Age", "Fare"], ["SibSp", "Parch", "Ticket", "Cabin", "Embarked"], "passenger");

    private readonly CsvFile _file;

    private PassengerCsv(CsvFile file) => _file = file;

    /// <summary>Columns that were not read, escaped for messages; a column without a name is an empty text.</summary>
    public IReadOnlyList<string> IgnoredColumns => _file.Header.IgnoredColumns;

    public IReadOnlyList<string> Warnings => RowWarnings.OfColumns(IgnoredColumns);

    /// <summary>Reads the header. The stream stays the caller's and must be open until the rows have been read.</summary>
    /// <exception cref="PassengerFileException">The file is empty, not UTF-8, or its header is not that of a passenger list.</exception>
    public static async Task<PassengerCsv> OpenAsync(Stream file, PassengersOptions options, CancellationToken cancellation) =>
        new(await CsvFile.OpenAsync(file, _layout, options, cancellation));

    /// <remarks>Blank lines are skipped.</remarks>
    /// <inheritdoc/>
    public async IAsyncEnumerable<PassengerRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var (validator, columns) = (new RowValidator(), new Columns(_file.Header));
        await foreach (var line in _file.LinesAsync(cancellation))
            yield return Read(line, columns, validator);
    }

    private PassengerRow Read(long line, Columns columns, RowValidator validator)
    {
        validator.Begin(line, _file.Record.GetRawRecordSpan());
        var passenger = _file.CellsAreCertain(validator, line) ? ReadCells(columns, validator) : null;
        return passenger is not null && validator.IsValid
            ? new AcceptedRow(line, passenger)
            : new RejectedRow(line, validator.Problems(), Excerpt.TruncateRecord(_file.Record.GetRawRecordSpan()));
    }

    private Passenger ReadCells(Columns columns, RowValidator validator)
    {
        var record = _file.Record;
        var key = validator.Id(record.GetFieldSpan(columns.PassengerId));
        var survived = validator.Survived(record.GetFieldSpan(columns.Survived));
        var pclass = validator.Pclass(record.GetFieldSpan(columns.Pclass));
        var name = validator.Name(record.GetFieldSpan(columns.Name));
        var sex = validator.Sex(record.GetFieldSpan(columns.Sex));
        var age = validator.Age(record.GetFieldSpan(columns.Age));
        var fare = validator.Fare(record.GetFieldSpan(columns.Fare));
        if (columns.Ticket != CsvHeader.Absent)
            validator.Length(record.GetFieldSpan(columns.Ticket), PassengerLimits.MaximumTicketLength, PassengerRules.TicketLength);
        if (columns.Cabin != CsvHeader.Absent)
            validator.Length(record.GetFieldSpan(columns.Cabin), PassengerLimits.MaximumCabinLength, PassengerRules.CabinLength);
        return new Passenger(key, name, pclass, sex, age, fare, survived);
    }

    private readonly struct Columns(CsvHeader header)
    {
        public int PassengerId { get; } = header.Find("PassengerId");
        public int Survived { get; } = header.Find("Survived");
        public int Pclass { get; } = header.Find("Pclass");
        public int Name { get; } = header.Find("Name");
        public int Sex { get; } = header.Find("Sex");
        public int Age { get; } = header.Find("Age");
        public int Fare { get; } = header.Find("Fare");
        public int Ticket { get; } = header.Find("Ticket");
        public int Cabin { get; } = header.Find("Cabin");
    }
}

/// <summary>
/// Reads passengers from a JSON array of objects <c>{passengerId, name, pclass, sex, age?, fare?, survived?, eventTime?}</c> by the rules
/// of a passenger list. The line of a row is the element's number. Without <c>survived</c> the outcome is not known yet.
/// </summary>
/// <param name="now">Nobody can have sailed later.</param>
public sealed class PassengerJson(Stream body, DateTimeOffset now, PassengersOptions options) : IRowReader<PassengerRow>
{
    private static readonly string[] _members = ["passengerId", "survived", "pclass", "name", "sex", "age", "fare", "eventTime"];

    private readonly JsonRow _row = new(_members);

    /// <summary>Members that were not read, escaped for messages; the first twenty, once the rows are read.</summary>
    public IReadOnlyCollection<string> IgnoredMembers => _row.Ignored;

    public IReadOnlyList<string> Warnings => RowWarnings.OfMembers(IgnoredMembers);

    public async IAsyncEnumerable<PassengerRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var (number, element) in JsonRows.Read(body, "passenger", options, cancellation))
        {
            var passenger = _row.Take(number, element) ? Read() : null;
            yield return passenger is not null && _row.Validator.IsValid
                ? new AcceptedRow(number, passenger)
                : new RejectedRow(number, _row.Validator.Problems(), JsonRow.ExcerptOf(element));
        }
    }

    private Passenger Read() => new(
        SourceKey: _row.Validator.Id(_row["passengerId"]),
        Survived: _row["survived"].IsEmpty ? null : _row.Validator.Survived(_row["survived"]),
        Pclass: _row.Validator.Pclass(_row["pclass"]),
        Name: _row.Validator.Name(_row["name"]),
        Sex: _row.Validator.Sex(_row["sex"]),
        AgeInYears: _row.Validator.Age(_row["age"]),
        FareInPounds: _row.Validator.Fare(_row["fare"]),
        EventTime: _row.Validator.EventTime(_row["eventTime"], now));
}

/// <summary>
/// A whole file is refused and nothing of it may be kept. The message is written for the person who brought the file: what was seen,
/// where, what is allowed, and a hint.
/// </summary>
/// <param name="line">The physical line (the header is line 1), or null when the trouble has no line.</param>
public sealed class PassengerFileException(string message, long? line = null, Exception? cause = null) : Exception(message, cause)
{
    public long? Line { get; } = line;
}
