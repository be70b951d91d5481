using System.Globalization;
using System.Runtime.CompilerServices;
using Sylvan.Data.Csv;

namespace Titanic.Web.Passengers;

/// <summary>
/// Reads the records of a CSV file in order, with one buffer of constant size. Sylvan.Data.Csv splits records into cells; the types in this
/// file check the rules beyond RFC 4180.
/// </summary>
internal sealed class CsvFile
{
    // Cannot start a record in valid UTF-16. With the default ('#') the library drops lines that start with '#' as comments.
    private const char NoComment = '\uDC00';

    private readonly CsvLayout _layout;
    private readonly CsvDialect _dialect;
    private readonly PassengersOptions _options;
    private readonly StrictTextReader _text;

    private CsvFile(CsvDataReader record, CsvHeader header, CsvDialect dialect, (StrictTextReader Text, CsvLayout Layout, PassengersOptions Options) file)
    {
        (_text, _layout, _options) = file;
        Record = record;
        Header = header;
        _dialect = dialect;
        Decimals = new DecimalCells(dialect.Delimiter);
    }

    public CsvHeader Header { get; }

    /// <summary>The current record of <see cref="ReadLineNumbersAsync"/>.</summary>
    public CsvDataReader Record { get; }

    public char Delimiter => _dialect.Delimiter;

    public DecimalCells Decimals { get; }

    /// <summary>How the file is read. The decimal separator is known after the first decimal number.</summary>
    public InputDescription Description(string? compression) => new(
        StrictTextReader.FormatName(_text.Encoding), compression, CsvReadOptions.FormatDelimiter(Delimiter), Decimals.SeparatorName,
        Header.Mapping.ToDictionary(column => column.Key, column => Excerpt.Truncate(column.Value)), Header.IgnoredColumns);

    /// <summary>Reads the header. The caller owns the stream and must keep it open until all rows have been read.</summary>
    /// <exception cref="PassengerFileException">The file is empty, is not valid text, or its header does not match the layout.</exception>
    public static async Task<CsvFile> OpenAsync(
        Stream file, CsvLayout layout, CsvReadOptions read, PassengersOptions options, CancellationToken cancellation)
    {
        var text = new StrictTextReader(file, read.Encoding) { CanDeclareEncoding = layout.AcceptsOptions };
        var start = await text.PeekAsync(options.MaximumRecordLengthInCharacters + 2, cancellation);
        var dialect = CsvDialect.Detect(start.Span, layout, read);
        text.Skip(dialect.HeaderStart);
        if (dialect.HasBlanks)
            text.RemoveBlanksAfter(dialect.Delimiter);

        try
        {
            var records = await CsvDataReader.CreateAsync(
                text, ReaderOptions(options.MaximumRecordLengthInCharacters, dialect.Delimiter), cancellation);
            await records.ReadAsync(cancellation);
            RequireLength(records.GetRawRecordSpan(), dialect.HeaderLine, options);
            var header = new CsvHeader(records, layout, dialect, read, options.MaximumColumns);
            return new CsvFile(records, header, dialect, (text, layout, options));
        }
        catch (CsvRecordTooLargeException)
        {
            throw RecordTooLong(dialect.HeaderLine, options);
        }
    }

    /// <summary>Returns the line number of each record after the header. Rows without a value are skipped. Can be enumerated once.</summary>
    /// <exception cref="PassengerFileException">The file is invalid; rows that were read before must be discarded.</exception>
    public async IAsyncEnumerable<long> ReadLineNumbersAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        long line = _dialect.HeaderLine;
        var hasRows = false;
        while (true)
        {
            line += Record.GetRawRecordSpan().Count('\n');
            if (!await ReadNextAsync(line, cancellation))
                break;
            if (IsEmptyRow())
                continue;
            hasRows = true;
            yield return line;
        }
        if (!hasRows)
        {
            throw new PassengerFileException(FormattableString.Invariant(
                $"The file has a header and no {_layout.RowName}. Hint: at least one row must follow line {_dialect.HeaderLine}."), _dialect.HeaderLine);
        }
    }

    /// <summary>
    /// Whether the record has correct quotes and one cell for each column. If not, the assignment of cells to columns is unknown: the
    /// problem is added to <paramref name="validator"/> and the cells must not be validated.
    /// </summary>
    /// <exception cref="PassengerFileException">A quote is never closed.</exception>
    public bool HasWellFormedCells(RowValidator validator, long line)
    {
        switch (CsvQuoting.Check(Record.GetRawRecordSpan(), Delimiter))
        {
            case Quoting.NeverClosed:
                throw new PassengerFileException(string.Create(CultureInfo.InvariantCulture, $"Line {line}: a quote is opened in this record and never closed, so the rest ")
                    + "of the file cannot be split into cells. Hint: close the quote; inside a quoted cell, write a quote as two quotes.", line);
            case Quoting.TextAfterClosingQuote:
                validator.AddFormatProblem("Text follows a closing quote; inside a quoted cell, write a quote as two quotes.");
                return false;
            case Quoting.QuoteInsideUnquotedCell:
                validator.AddFormatProblem("An unquoted cell contains a quote; quote the whole cell and write the inner quote as two quotes.");
                return false;
        }
        if (Delimiter == '\t' && Record.GetRawRecordSpan().Count('\t') >= Record.RowFieldCount)
        {
            validator.AddFormatProblem("A cell has the control character U+0009 (TAB); it must be plain text.");
            return false;
        }
        if (HasOneCellPerColumn())
            return true;
        validator.AddFormatProblem($"The row has {Quantity.Of(Record.RowFieldCount, "cell")}; the header has {Quantity.Of(Header.ColumnCount, "column")}.");
        return false;
    }

    /// <summary>Cells after the last named column must be empty: programs write them when a sheet was once wider.</summary>
    private bool HasOneCellPerColumn()
    {
        var (cells, named) = (Record.RowFieldCount, Header.NamedCount);
        if (cells < named)
            return false;
        for (var cell = named; cell < cells; cell++)
        {
            if (!Record.GetFieldSpan(cell).IsWhiteSpace())
                return false;
        }
        return true;
    }

    private bool IsEmptyRow()
    {
        var record = Record.GetRawRecordSpan();
        foreach (var character in record)
        {
            if (character != Delimiter && character is not ('"' or ' ' or '\t' or '\n'))
                return false;
        }
        if (CsvQuoting.Check(record, Delimiter) != Quoting.Correct)
            return false;
        for (var cell = 0; cell < Record.RowFieldCount; cell++)
        {
            if (!Record.GetFieldSpan(cell).IsWhiteSpace())
                return false;
        }
        return true;
    }

    private async ValueTask<bool> ReadNextAsync(long line, CancellationToken cancellation)
    {
        try
        {
            if (!await Record.ReadAsync(cancellation))
                return false;
        }
        catch (CsvRecordTooLargeException)
        {
            throw RecordTooLong(line, _options);
        }
        RequireLength(Record.GetRawRecordSpan(), line, _options);
        return true;
    }

    internal static CsvDataReaderOptions ReaderOptions(int maximumRecordLengthInCharacters, char delimiter = ',') => new()
    {
        HasHeaders = false, // CsvHeader validates the header
        Delimiter = delimiter,
        CsvStyle = CsvStyle.Lax, // quotes are checked by CsvQuoting
        Comment = NoComment,
        BufferSize = maximumRecordLengthInCharacters + 2,
        OwnsReader = false,
    };

    private static void RequireLength(ReadOnlySpan<char> record, long line, PassengersOptions options)
    {
        if (record.Length > options.MaximumRecordLengthInCharacters)
            throw RecordTooLong(line, options);
    }

    private static PassengerFileException RecordTooLong(long line, PassengersOptions options) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Line {line}: the record that starts here is longer than ")
            + string.Create(CultureInfo.InvariantCulture, $"{options.MaximumRecordLengthInCharacters:#,##0} characters, the maximum. ")
            + "Hint: check for a quote that is not closed and for missing line breaks.", line);
}
