using System.Globalization;
using System.Runtime.CompilerServices;
using Sylvan.Data.Csv;

namespace Titanic.Web.Passengers;

/// <summary>
/// Reads a passenger list as a stream of accepted and rejected rows, in the order of the file, with one buffer whatever the file's
/// length. Sylvan.Data.Csv finds the cells; what the input policy asks beyond RFC 4180 stands in the types around it.
/// </summary>
public sealed class PassengerCsv
{
    // Never the first character of a record in valid UTF-16, so that no line is taken for a comment and dropped ('#' by default).
    private const char NoComment = '\uDC00';

    private readonly CsvDataReader _records;
    private readonly PassengerHeader _header;
    private readonly PassengersOptions _options;

    private PassengerCsv(CsvDataReader records, PassengerHeader header, PassengersOptions options)
    {
        _records = records;
        _header = header;
        _options = options;
    }

    /// <summary>Columns that were not read, escaped for messages; a column without a name is an empty text.</summary>
    public IReadOnlyList<string> IgnoredColumns => _header.IgnoredColumns;

    /// <summary>Reads the header. The stream stays the caller's and must be open until the rows have been read.</summary>
    /// <exception cref="PassengerFileException">The file is empty, not UTF-8, or its header is not that of a passenger list.</exception>
    public static async Task<PassengerCsv> OpenAsync(Stream file, PassengersOptions options, CancellationToken cancellation)
    {
        var text = new StrictUtf8Reader(file);
        var beginning = await text.PeekAsync(cancellation);
        if (beginning.IsEmpty)
            throw new PassengerFileException("The file is empty. Hint: it must have a header in line 1 and at least one passenger.");
        if (beginning.Span[0] == '\n')
            throw new PassengerFileException("Line 1 is blank; the header must stand there. Hint: remove the blank lines.", line: 1);

        try
        {
            var records = await CsvDataReader.CreateAsync(text, LibraryOptions(options), cancellation);
            await records.ReadAsync(cancellation);
            RequireLength(records.GetRawRecordSpan(), 1, options);
            return new PassengerCsv(records, new PassengerHeader(records, options.MaximumColumns), options);
        }
        catch (CsvRecordTooLargeException)
        {
            throw RecordTooLong(1, options);
        }
    }

    /// <summary>All rows after the header, once. Blank lines are passed over.</summary>
    /// <exception cref="PassengerFileException">Found at any row: what was read before must not be kept either.</exception>
    public async IAsyncEnumerable<PassengerRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var reader = new PassengerRowReader(_header);
        var line = 1L;
        var any = false;
        while (true)
        {
            line += _records.GetRawRecordSpan().Count('\n');
            if (!await NextAsync(line, cancellation))
                break;
            if (_records.GetRawRecordSpan().IsWhiteSpace())
                continue;
            any = true;
            yield return reader.Read(_records, line);
        }
        if (!any)
        {
            throw new PassengerFileException("The file has a header and no passenger. Hint: at least one row must follow line 1.", line: 1);
        }
    }

    private async ValueTask<bool> NextAsync(long line, CancellationToken cancellation)
    {
        try
        {
            if (!await _records.ReadAsync(cancellation))
                return false;
        }
        catch (CsvRecordTooLargeException)
        {
            throw RecordTooLong(line, _options);
        }
        RequireLength(_records.GetRawRecordSpan(), line, _options);
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
