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
            var records = await CsvDataReader.CreateAsync(text, LibraryOptions(options.MaximumRecordLengthInCharacters), cancellation);
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

    internal static CsvDataReaderOptions LibraryOptions(int maximumRecordLengthInCharacters) => new()
    {
        HasHeaders = false, // the header is judged by our own rules first
        Delimiter = ',',
        CsvStyle = CsvStyle.Lax, // see CsvQuoting
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
            + string.Create(CultureInfo.InvariantCulture, $"{options.MaximumRecordLengthInCharacters} characters, which is the most ")
            + "allowed. Hint: a quote may be open, or the line breaks may be missing.", line);
}

/// <summary>The columns that a kind of list has.</summary>
/// <param name="Required">In the order in which messages name them.</param>
/// <param name="Optional">Known, so not worth a warning where they stand.</param>
/// <param name="Row">What a row is called, for messages.</param>
internal sealed record CsvLayout(string[] Required, string[] Optional, string Row)
{
    public bool Knows(string name) =>
        Required.Contains(name, StringComparer.OrdinalIgnoreCase) || Optional.Contains(name, StringComparer.OrdinalIgnoreCase);
}

/// <summary>
/// Where the columns stand in one file. They are found by name, trimmed, in any case and any order; the header is always line 1.
/// </summary>
internal sealed class CsvHeader
{
    public const int Absent = -1;

    private readonly CsvLayout _layout;
    private readonly string[] _names;

    /// <exception cref="PassengerFileException">The columns are not those of the layout.</exception>
    public CsvHeader(CsvDataReader record, CsvLayout layout, int maximumColumns)
    {
        _layout = layout;
        var line = record.GetRawRecordSpan();
        if (line.TrimStart().StartsWith("<"))
            throw Refused("this is HTML or XML, not CSV", "a download page may stand in place of the file; use the raw file's address");
        if (record.RowFieldCount > maximumColumns)
            throw Refused($"the header has {record.RowFieldCount} columns; at most {maximumColumns} are allowed", "remove unused columns");

        _names = new string[record.RowFieldCount];
        for (var column = 0; column < _names.Length; column++)
            _names[column] = record.GetFieldSpan(column).ToString().Trim();
        RequireAllColumns(line);
        RequireCleanText(line);
        RequireEachColumnOnce();
        IgnoredColumns = [.. _names.Where(name => !layout.Knows(name)).Select(name => Excerpt.Truncate(name))];
    }

    public int ColumnCount => _names.Length;

    /// <summary>Columns that this layout does not know, escaped; a column without a name is an empty text.</summary>
    public IReadOnlyList<string> IgnoredColumns { get; }

    /// <summary>The column's place, or <see cref="Absent"/>.</summary>
    public int Find(string name) => Array.FindIndex(_names, seen => seen.Equals(name, StringComparison.OrdinalIgnoreCase));

    private void RequireAllColumns(ReadOnlySpan<char> line)
    {
        var missing = _layout.Required.Where(name => Find(name) == Absent).ToArray();
        if (missing.Length == 0)
            return;
        foreach (var (separator, called) in (ReadOnlySpan<(char, string)>)[(';', "\";\""), ('\t', "TAB"), ('|', "\"|\"")])
        {
            if (NamesWhenSplitBy(separator, line) >= 2)
                throw Refused($"the columns are separated by {called}; only \",\" is allowed", "save the file again with commas");
        }
        if (missing.Length == _layout.Required.Length)
        {
            throw Refused($"there is no header; the file begins with \"{Excerpt.TruncateRecord(line)}\"",
                "put the names of the columns into the first line");
        }
        throw Refused(missing.Length == 1 ? $"the column {missing[0]} is missing" : $"the columns {string.Join(", ", missing)} are missing",
            "names are found in any order and any case, but must be spelled like this");
    }

    private int NamesWhenSplitBy(char separator, ReadOnlySpan<char> line) =>
        line.ToString().Split(separator, StringSplitOptions.TrimEntries)
            .Count(name => _layout.Required.Contains(name.Trim('"'), StringComparer.OrdinalIgnoreCase));

    private void RequireCleanText(ReadOnlySpan<char> line)
    {
        var control = line.IndexOfAny(RowValidator.ControlCharacters);
        if (control >= 0)
            throw Refused($"the header holds the control character U+{(int)line[control]:X4}, which is not allowed", "remove it");
        if (CsvQuoting.Of(line) != Quoting.Correct)
            throw Refused("a quote in the header is not closed or stands inside a name", "quote whole names or none");
    }

    private void RequireEachColumnOnce()
    {
        for (var column = 0; column < _names.Length; column++)
        {
            // A column without a name (pandas writes its index so) is just an unknown one, however often it comes.
            if (_names[column].Length > 0 && Find(_names[column]) is var first && first != column)
            {
                throw Refused($"the column {Excerpt.Truncate(_names[column])} stands there twice, as number {first + 1} and {column + 1}",
                    "remove or rename one of them");
            }
        }
    }

    private PassengerFileException Refused(FormattableString seen, string hint) =>
        Refused(seen.ToString(CultureInfo.InvariantCulture), hint);

    private PassengerFileException Refused(string seen, string hint) =>
        new($"Line 1: {seen}. Required columns: {string.Join(", ", _layout.Required)}. Hint: {hint}.", line: 1);
}

internal enum Quoting
{
    Correct,
    QuoteInsideUnquotedCell,
    TextAfterClosingQuote,
    NeverClosed,
}

/// <summary>
/// Are a record's quotes those of RFC 4180? The CSV library finds the cells; but its strict mode ends the file at the first bad
/// quote, and its lax mode, which we use so that only the row is lost, forgives them all. So the rule is checked here.
/// </summary>
internal static class CsvQuoting
{
    /// <param name="record">One record as it stands in the file, with its line end.</param>
    public static Quoting Of(ReadOnlySpan<char> record)
    {
        if (!record.Contains('"'))
            return Quoting.Correct;
        while (true)
        {
            if (record is ['"', ..])
            {
                var closing = ClosingQuote(record);
                if (closing < 0)
                    return Quoting.NeverClosed;
                record = record[(closing + 1)..];
                if (record is not ([] or [',' or '\n', ..]))
                    return Quoting.TextAfterClosingQuote;
            }
            var next = record.IndexOfAny(',', '"');
            if (next < 0)
                return Quoting.Correct;
            if (record[next] == '"')
                return Quoting.QuoteInsideUnquotedCell;
            record = record[(next + 1)..];
        }
    }

    private static int ClosingQuote(ReadOnlySpan<char> cell)
    {
        for (var from = 1; from < cell.Length; from++)
        {
            var quote = cell[from..].IndexOf('"');
            if (quote < 0)
                return -1;
            from += quote;
            if (from + 1 == cell.Length || cell[from + 1] != '"')
                return from;
            from++; // the second of a doubled quote
        }
        return -1;
    }
}
