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

    /// <summary>How a CSV file is read; complete after all rows have been read. Null for JSON.</summary>
    InputDescription? Input { get; }
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

/// <summary>Reads passengers from a CSV file. Class and sex are required; all other columns are optional.</summary>
public sealed class PassengerCsv : IRowReader<PassengerRow>
{
    /// <summary>The names of Kaggle's file, with those of seaborn, OpenML, R, TensorFlow and others as synonyms.</summary>
    internal static readonly CsvLayout Layout = new(
        [
            new("passengerId", "PassengerId", "id"),
            new("survived", "Survived", "alive", "survival"),
            new("pclass", "Pclass", "class", "passengerClass", "ticketClass") { IsRequired = true },
            new("name", "Name", "passengerName", "fullName"),
            new("sex", "Sex", "gender") { IsRequired = true },
            new("age", "Age"),
            new("fare", "Fare", "passengerFare", "ticketFare", "ticketPrice"),
            new("person", "Person", "personId"),
            new(null, "SibSp"), new(null, "Parch"), new(null, "Ticket"), new(null, "Cabin"), new(null, "Embarked"),
        ],
        "passenger");

    private readonly CsvFile _file;
    private readonly string? _compression;

    private PassengerCsv(CsvFile file, string? compression) => (_file, _compression) = (file, compression);

    /// <summary>The fields that a column can be specified for, as in JSON.</summary>
    public static IReadOnlyList<string> Fields { get; } = [.. Layout.Columns.Select(column => column.Field).OfType<string>()];

    /// <summary>Names of the columns that are not read, escaped; an unnamed column is an empty string.</summary>
    public IReadOnlyList<string> IgnoredColumns => _file.Header.IgnoredColumns;

    public IReadOnlyList<string> Warnings => RowWarnings.ForColumns(IgnoredColumns);

    public InputDescription? Input => _file.Description(_compression);

    /// <summary>The names in the header, as written.</summary>
    internal IReadOnlyList<string> HeaderNames => _file.Header.Names;

    /// <summary>The name of the column in the file for each field that is read, as written.</summary>
    internal IReadOnlyDictionary<string, string> Mapping => _file.Header.Mapping;

    /// <summary>Reads the header. The caller owns the stream and must keep it open until all rows have been read.</summary>
    /// <param name="file">The text of the file, decompressed.</param>
    /// <param name="options">The limits.</param>
    /// <param name="cancellation">Cancels reading.</param>
    /// <param name="read">What the sender specified. Default: everything is detected.</param>
    /// <param name="compression">The compression that the file had, for <see cref="Input"/>.</param>
    /// <exception cref="PassengerFileException">The file is empty, is not valid text, or its header is not valid.</exception>
    public static async Task<PassengerCsv> OpenAsync(
        Stream file, PassengersOptions options, CancellationToken cancellation, CsvReadOptions? read = null, string? compression = null) =>
        new(await CsvFile.OpenAsync(file, Layout, read ?? CsvReadOptions.Detect, options, cancellation), compression);

    /// <remarks>Rows without a value are skipped.</remarks>
    /// <inheritdoc/>
    public async IAsyncEnumerable<PassengerRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var (validator, columns) = (new RowValidator(), new Columns(_file.Header));
        await foreach (var line in _file.ReadLineNumbersAsync(cancellation))
            yield return ReadRow(line, columns, validator);
    }

    private PassengerRow ReadRow(long line, Columns columns, RowValidator validator)
    {
        validator.StartRow(line, _file.Record.GetRawRecordSpan(), _file.Delimiter);
        var passenger = _file.HasWellFormedCells(validator, line) ? ReadCells(columns, validator) : null;
        return passenger is not null && validator.IsValid
            ? new AcceptedRow(line, validator.WithKey(passenger))
            : new RejectedRow(line, validator.Problems(), Excerpt.TruncateRecord(_file.Record.GetRawRecordSpan()));
    }

    private Passenger ReadCells(Columns columns, RowValidator validator)
    {
        var key = validator.ParseId(Cell(columns.PassengerId));
        var survived = validator.ParseSurvivedIfKnown(Number(columns.Survived, "Survived", validator));
        var pclass = validator.ParsePclass(Number(columns.Pclass, "Pclass", validator));
        var name = validator.ParseName(Cell(columns.Name));
        var sex = validator.ParseSex(Cell(columns.Sex));
        var age = validator.ParseAge(Number(columns.Age, "Age", validator));
        var fare = validator.ParseFare(Number(columns.Fare, "Fare", validator));
        validator.CheckLength(Cell(columns.Ticket), PassengerLimits.MaximumTicketLength, PassengerRules.TicketLength);
        validator.CheckLength(Cell(columns.Cabin), PassengerLimits.MaximumCabinLength, PassengerRules.CabinLength);
        var person = validator.ParsePerson(Cell(columns.Person));
        return new Passenger(key ?? "", name, pclass, sex, age, fare, survived, Person: person);
    }

    /// <summary>The cell of a column; empty if the file does not have the column.</summary>
    private ReadOnlySpan<char> Cell(int column) => column == CsvHeader.NotFound ? [] : _file.Record.GetFieldSpan(column);

    /// <summary>The cell of a column of numbers, with a decimal point.</summary>
    private ReadOnlySpan<char> Number(int column, string name, RowValidator validator) =>
        _file.Decimals.Normalize(Cell(column), name, validator);

    private readonly struct Columns(CsvHeader header)
    {
        public int PassengerId { get; } = header.Find("PassengerId");
        public int Survived { get; } = header.Find("Survived");
        public int Pclass { get; } = header.Find("Pclass");
        public int Name { get; } = header.Find("Name");
        public int Sex { get; } = header.Find("Sex");
        public int Age { get; } = header.Find("Age");
        public int Fare { get; } = header.Find("Fare");
        public int Person { get; } = header.Find("Person");
        public int Ticket { get; } = header.Find("Ticket");
        public int Cabin { get; } = header.Find("Cabin");
    }
}

/// <summary>
/// Reads passengers from a JSON array of objects
/// <c>{pclass, sex, passengerId?, name?, age?, fare?, survived?, eventTime?, person?}</c>. The rules and the other names of members are those
/// of a CSV file. Without <c>survived</c> the outcome is unknown.
/// </summary>
/// <param name="now">The latest event time that is allowed.</param>
public sealed class PassengerJson(Stream body, DateTimeOffset now, PassengersOptions options) : IRowReader<PassengerRow>
{
    private readonly JsonRow _row = new(PassengerCsv.Layout, "eventTime");

    public InputDescription? Input => null;

    /// <summary>Names of at most 20 members that are not read, escaped; complete after all rows have been read.</summary>
    public IReadOnlyCollection<string> IgnoredMembers => _row.Ignored;

    public IReadOnlyList<string> Warnings => RowWarnings.ForMembers(IgnoredMembers);

    public async IAsyncEnumerable<PassengerRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var (number, element) in JsonRows.Read(body, "passenger", options, cancellation))
        {
            var passenger = _row.TryRead(number, element) ? ReadPassenger() : null;
            yield return passenger is not null && _row.Validator.IsValid
                ? new AcceptedRow(number, _row.Validator.WithKey(passenger))
                : new RejectedRow(number, _row.Validator.Problems(), JsonRow.ExcerptOf(element));
        }
    }

    private Passenger ReadPassenger() => new(
        SourceKey: _row.Validator.ParseId(_row["passengerId"]) ?? "",
        Survived: _row.Validator.ParseSurvivedIfKnown(_row["survived"]),
        Pclass: _row.Validator.ParsePclass(_row["pclass"]),
        Name: _row.Validator.ParseName(_row["name"]),
        Sex: _row.Validator.ParseSex(_row["sex"]),
        AgeInYears: _row.Validator.ParseAge(_row["age"]),
        FareInPounds: _row.Validator.ParseFare(_row["fare"]),
        EventTime: _row.Validator.ParseEventTime(_row["eventTime"], now),
        Person: _row.Validator.ParsePerson(_row["person"]));
}

/// <summary>
/// A file cannot be read as a whole; none of its rows may be kept. The message is for the user: the line, the value, the values allowed and
/// a hint.
/// </summary>
/// <param name="line">The physical line (the header is line 1) or the number of the JSON element; null if no line is known.</param>
public sealed class PassengerFileException(string message, long? line = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    public long? Line { get; } = line;
}
