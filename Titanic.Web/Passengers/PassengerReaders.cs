using System.Runtime.CompilerServices;

namespace Titanic.Web.Passengers;

/// <summary>Streams the rows of a file in one format. Memory use is constant, except for the keys that are tracked to detect duplicates.</summary>
public interface IRowReader<out TRow>
{
    /// <summary>Reads all rows in the order of the file. Can be enumerated once; the stream must stay open until the end.</summary>
    /// <exception cref="PassengerFileException">
    /// The file is invalid. It can be thrown after valid rows; the caller must then discard these rows, too.
    /// </exception>
    IAsyncEnumerable<TRow> RowsAsync(CancellationToken cancellation = default);

    /// <summary>At most one message that lists the ignored columns or members, escaped; complete after all rows have been read.</summary>
    IReadOnlyList<string> Warnings { get; }
}

internal static class RowWarnings
{
    public static IReadOnlyList<string> OfColumns(IReadOnlyCollection<string> ignored) => Of("Columns", ignored);

    public static IReadOnlyList<string> OfMembers(IReadOnlyCollection<string> ignored) => Of("Members", ignored);

    private static IReadOnlyList<string> Of(string what, IReadOnlyCollection<string> ignored) =>
        ignored.Count == 0 ? [] : [$"{what} that were not read: {string.Join(", ", ignored)}."];
}

/// <summary>The result of reading one row of a passenger file: <see cref="AcceptedRow"/> or <see cref="RejectedRow"/>.</summary>
/// <param name="Line">
/// In CSV the physical line where the record starts (the header is line 1); in JSON the 1-based number of the element. Unique within a
/// file.
/// </param>
public abstract record PassengerRow(long Line);

/// <summary>A valid row.</summary>
public sealed record AcceptedRow(long Line, Passenger Passenger) : PassengerRow(Line);

/// <summary>A row that breaks at least one rule.</summary>
/// <param name="Problems">All rules that the row breaks; never empty.</param>
/// <param name="Excerpt">The first 80 characters of the row, escaped for storage and logs. Pages must still HTML-encode it.</param>
public sealed record RejectedRow(long Line, IReadOnlyList<RowProblem> Problems, string Excerpt) : PassengerRow(Line);

/// <summary>Reads passengers from a CSV file (UTF-8, RFC 4180, comma-separated, header in line 1).</summary>
public sealed class PassengerCsv : IRowReader<PassengerRow>
{
    /// <summary>Kaggle's layout. The optional columns are not used as features.</summary>
    private static readonly CsvLayout _layout = new(
        ["PassengerId", "Survived", "Pclass", "Name", "Sex", "Age", "Fare"], ["SibSp", "Parch", "Ticket", "Cabin", "Embarked"], "passenger");

    private readonly CsvFile _file;

    private PassengerCsv(CsvFile file) => _file = file;

    /// <summary>Names of the columns that are not read, escaped; an unnamed column is an empty string.</summary>
    public IReadOnlyList<string> IgnoredColumns => _file.Header.IgnoredColumns;

    public IReadOnlyList<string> Warnings => RowWarnings.OfColumns(IgnoredColumns);

    /// <summary>Reads the header. The caller owns the stream and must keep it open until all rows have been read.</summary>
    /// <exception cref="PassengerFileException">The file is empty, is not UTF-8, or its header is not valid.</exception>
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
/// Reads passengers from a JSON array of objects <c>{passengerId, name, pclass, sex, age?, fare?, survived?, eventTime?}</c>. The rules are
/// those of a CSV row. Without <c>survived</c> the outcome is unknown.
/// </summary>
/// <param name="now">The latest event time that is allowed.</param>
public sealed class PassengerJson(Stream body, DateTimeOffset now, PassengersOptions options) : IRowReader<PassengerRow>
{
    private static readonly string[] _members = ["passengerId", "survived", "pclass", "name", "sex", "age", "fare", "eventTime"];

    private readonly JsonRow _row = new(_members);

    /// <summary>Names of at most 20 members that are not read, escaped; complete after all rows have been read.</summary>
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
/// A file cannot be read as a whole; none of its rows may be kept. The message is for the user: the line, the value, the values allowed and
/// a hint.
/// </summary>
/// <param name="line">The physical line (the header is line 1) or the number of the JSON element; null if no line is known.</param>
public sealed class PassengerFileException(string message, long? line = null, Exception? cause = null) : Exception(message, cause)
{
    public long? Line { get; } = line;
}
