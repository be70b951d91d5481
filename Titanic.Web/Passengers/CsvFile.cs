using System.Globalization;
using System.Runtime.CompilerServices;
using Sylvan.Data.Csv;

namespace Titanic.Web.Passengers;

/// <summary>
/// The records of a CSV file in its order, with one buffer whatever the file's length. Sylvan.Data.Csv finds the cells; what the input
/// policy asks beyond RFC 4180 stands in the types around it.
/// </summary>
internal sealed class CsvFile
{
    // Never the first character of a record in valid UTF-16, so that no line is taken for a comment and dropped ('#' by default).
    private const char NoComment = '\uDC00';

    private readonly CsvLayout _layout;
    private readonly PassengersOptions _options;

    private CsvFile(CsvDataReader record, CsvLayout layout, PassengersOptions options)
    {
        Record = record;
        Header = new CsvHeader(record, layout, options.MaximumColumns);
        _layout = layout;
        _options = options;
    }

    public CsvHeader Header { get; }

    /// <summary>The record that <see cref="LinesAsync"/> stands at.</summary>
    public CsvDataReader Record { get; }

    /// <summary>Reads the header. The stream stays the caller's and must be open until the rows have been read.</summary>
    /// <exception cref="PassengerFileException">The file is empty, not UTF-8, or its header is not that of the layout.</exception>
    public static async Task<CsvFile> OpenAsync(Stream file, CsvLayout layout, PassengersOptions options, CancellationToken cancellation)
    {
        var text = new StrictUtf8Reader(file);
        var beginning = await text.PeekAsync(cancellation);
        if (beginning.IsEmpty)
            throw new PassengerFileException($"The file is empty. Hint: it must have a header in line 1 and at least one {layout.Row}.");
        if (beginning.Span[0] == '\n')
            throw new PassengerFileException("Line 1 is blank; the header must stand there. Hint: remove the blank lines.", line: 1);

        try
        {
            var records = await CsvDataReader.CreateAsync(text, LibraryOptions(options), cancellation);
            await records.ReadAsync(cancellation);
            RequireLength(records.GetRawRecordSpan(), 1, options);
            return new CsvFile(records, layout, options);
        }
        catch (CsvRecordTooLargeException)
        {
            throw RecordTooLong(1, options);
        }
    }

    /// <summary>The line on which each record after the header starts, once; blank lines are passed over.</summary>
    /// <exception cref="PassengerFileException">Found at any record: what was read before must not be kept either.</exception>
    public async IAsyncEnumerable<long> LinesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var line = 1L;
        var any = false;
        while (true)
        {
            line += Record.GetRawRecordSpan().Count('\n');
            if (!await NextAsync(line, cancellation))
                break;
            if (Record.GetRawRecordSpan().IsWhiteSpace())
                continue;
            any = true;
            yield return line;
        }
        if (!any)
            throw new PassengerFileException($"The file has a header and no {_layout.Row}. Hint: at least one row must follow line 1.", line: 1);
    }

    /// <summary>
    /// Whether it is certain which text belongs to which column. With broken quotes or a missing cell nobody knows, so the cells are not
    /// judged.
    /// </summary>
    /// <exception cref="PassengerFileException">A quote is never closed.</exception>
    public bool CellsAreCertain(RowValidator validator, long line)
    {
        switch (CsvQuoting.Of(Record.GetRawRecordSpan()))
        {
            case Quoting.NeverClosed:
                throw new PassengerFileException(string.Create(CultureInfo.InvariantCulture, $"Line {line}: a quote is opened in this record and never closed, so the rest ")
                    + "of the file cannot be told apart. Hint: inside a quoted cell a quote is written twice.", line);
            case Quoting.TextAfterClosingQuote:
                validator.Form("Text follows a closing quote; inside a quoted cell a quote is written twice.");
                return false;
            case Quoting.QuoteInsideUnquotedCell:
                validator.Form("A quote stands inside an unquoted cell; quote the whole cell and write the inner quote twice.");
                return false;
        }
        if (Record.RowFieldCount == Header.ColumnCount)
            return true;
        validator.Form(string.Create(CultureInfo.InvariantCulture, $"The row has {Record.RowFieldCount} cells; the header has {Header.ColumnCount} columns."));
        return false;
    }

    private async ValueTask<bool> NextAsync(long line, CancellationToken cancellation)
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

    private static CsvDataReaderOptions LibraryOptions(PassengersOptions options) => new()
    {
        HasHeaders = false, // the header is judged by our own rules first
        Delimiter = ',',
        CsvStyle = CsvStyle.Lax, // see CsvQuoting
        Comment = NoComment,
        BufferSize = options.MaximumRecordLengthInCharacters + 2,
        OwnsReader = false,
    };

    private static void RequireLength(ReadOnlySpan<char> record, long line, PassengersOptions options)
    {
        if (record.Length > options.MaximumRecordLengthInCharacters)
            throw RecordTooLong(line, options);
    }

    private static PassengerFileException RecordTooLong(long line, PassengersOptions options) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Line {line}: the record that starts here is longer than ")
            + string.Create(CultureInfo.InvariantCulture, $"{options.MaximumRecordLengthInCharacters} characters, which is the most ")
            + "allowed. Hint: a quote may be open, or the line breaks may be missing.", line);
}
