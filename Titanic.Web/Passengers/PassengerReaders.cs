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
    public static IReadOnlyList<string> ForColumns(IReadOnlyCollection<string> ignored) => ForIgnored("Columns", ignored);

    public static IReadOnlyList<string> ForMembers(IReadOnlyCollection<string> ignored) => ForIgnored("Members", ignored);

    private static IReadOnlyList<string> ForIgnored(string kind, IReadOnlyCollection<string> ignored) =>
        ignored.Count == 0 ? [] : [$"{kind} that were not read: {string.Join(", ", ignored)}."];
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

    public IReadOnlyList<string> Warnings => RowWarnings.ForColumns(IgnoredColumns);

    /// <summary>Reads the header. The caller owns the stream and must keep it open until all rows have been read.</summary>
    /// <exception cref="PassengerFileException">The file is empty, is not UTF-8, or its header is not valid.</exception>
    public static async Task<PassengerCsv> OpenAsync(Stream file, PassengersOptions options, CancellationToken cancellation) =>
        new(await CsvFile.OpenAsync(file, _layout, options, cancellation));

    /// <remarks>Blank lines are skipped.</remarks>
    /// <inheritdoc/>
    public async IAsyncEnumerable<PassengerRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var (validator, columns) = (new RowValidator(), new Columns(_file.Header));
        await foreach (var line in _file.ReadLineNumbersAsync(cancellation))
            yield return ReadRow(line, columns, validator);
    }

    private PassengerRow ReadRow(long line, Columns columns, RowValidator validator)
    {
        validator.StartRow(line, _file.Record.GetRawRecordSpan());
        var passenger = _file.HasWellFormedCells(validator, line) ? ReadCells(columns, validator) : null;
        return passenger is not null && validator.IsValid
            ? new AcceptedRow(line, passenger)
            : new RejectedRow(line, validator.Problems(), Excerpt.TruncateRecord(_file.Record.GetRawRecordSpan()));
    }

    private Passenger ReadCells(Columns columns, RowValidator validator)
    {
        var record = _file.Record;
        var key = validator.ParseId(record.GetFieldSpan(columns.PassengerId));
        var survived = validator.ParseSurvivedIfKnown(record.GetFieldSpan(columns.Survived));
        var pclass = validator.ParsePclass(record.GetFieldSpan(columns.Pclass));
        var name = validator.ParseName(record.GetFieldSpan(columns.Name));
        var sex = validator.ParseSex(record.GetFieldSpan(columns.Sex));
        var age = validator.ParseAge(record.GetFieldSpan(columns.Age));
        var fare = validator.ParseFare(record.GetFieldSpan(columns.Fare));
        if (columns.Ticket != CsvHeader.NotFound)
            validator.CheckLength(record.GetFieldSpan(columns.Ticket), PassengerLimits.MaximumTicketLength, PassengerRules.TicketLength);
        if (columns.Cabin != CsvHeader.NotFound)
            validator.CheckLength(record.GetFieldSpan(columns.Cabin), PassengerLimits.MaximumCabinLength, PassengerRules.CabinLength);
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

    public IReadOnlyList<string> Warnings => RowWarnings.ForMembers(IgnoredMembers);

    public async IAsyncEnumerable<PassengerRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var (number, element) in JsonRows.Read(body, "passenger", options, cancellation))
        {
            var passenger = _row.TryRead(number, element) ? ReadPassenger() : null;
            yield return passenger is not null && _row.Validator.IsValid
                ? new AcceptedRow(number, passenger)
                : new RejectedRow(number, _row.Validator.Problems(), JsonRow.ExcerptOf(element));
        }
    }

    private Passenger ReadPassenger() => new(
        SourceKey: _row.Validator.ParseId(_row["passengerId"]),
        Survived: _row.Validator.ParseSurvivedIfKnown(_row["survived"]),
        Pclass: _row.Validator.ParsePclass(_row["pclass"]),
        Name: _row.Validator.ParseName(_row["name"]),
        Sex: _row.Validator.ParseSex(_row["sex"]),
        AgeInYears: _row.Validator.ParseAge(_row["age"]),
        FareInPounds: _row.Validator.ParseFare(_row["fare"]),
        EventTime: _row.Validator.ParseEventTime(_row["eventTime"], now));
}

/// <summary>
/// A file cannot be read as a whole; none of its rows may be kept. The message is for the user: the line, the value, the values allowed and
/// a hint.
/// </summary>
/// <param name="line">The physical line (the header is line 1) or the number of the JSON element; null if no line is known.</param>
public sealed class PassengerFileException(string message, long? line = null, Exception? innerException = null) : Exception(message, innerException)
{
    public long? Line { get; } = line;
}
