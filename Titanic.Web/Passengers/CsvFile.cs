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
    private readonly PassengersOptions _options;

    private CsvFile(CsvDataReader record, CsvLayout layout, PassengersOptions options)
    {
        Record = record;
        Header = new CsvHeader(record, layout, options.MaximumColumns);
        _layout = layout;
        _options = options;
    }

    public CsvHeader Header { get; }

    /// <summary>The current record of <see cref="ReadLineNumbersAsync"/>.</summary>
    public CsvDataReader Record { get; }

    /// <summary>Reads the header. The caller owns the stream and must keep it open until all rows have been read.</summary>
    /// <exception cref="PassengerFileException">The file is empty, is not UTF-8, or its header does not match the layout.</exception>
    public static async Task<CsvFile> OpenAsync(Stream file, CsvLayout layout, PassengersOptions options, CancellationToken cancellation)
    {
        var text = new StrictUtf8Reader(file);
        var start = await text.PeekAsync(cancellation);
        if (start.IsEmpty)
            throw new PassengerFileException($"The file is empty. Hint: it must have a header in line 1 and at least one {layout.RowName}.");
        if (start.Span[0] == '\n')
            throw new PassengerFileException("Line 1 is blank; it must be the header. Hint: remove the blank lines before the header.", line: 1);

        try
        {
            var records = await CsvDataReader.CreateAsync(text, ReaderOptions(options.MaximumRecordLengthInCharacters), cancellation);
            await records.ReadAsync(cancellation);
            RequireLength(records.GetRawRecordSpan(), 1, options);
            return new CsvFile(records, layout, options);
        }
        catch (CsvRecordTooLargeException)
        {
            throw RecordTooLong(1, options);
        }
    }

    /// <summary>Returns the line number of each record after the header. Blank lines are skipped. Can be enumerated once.</summary>
    /// <exception cref="PassengerFileException">The file is invalid; rows that were read before must be discarded.</exception>
    public async IAsyncEnumerable<long> ReadLineNumbersAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var line = 1L;
        var hasRows = false;
        while (true)
        {
            line += Record.GetRawRecordSpan().Count('\n');
            if (!await ReadNextAsync(line, cancellation))
                break;
            if (Record.GetRawRecordSpan().IsWhiteSpace())
                continue;
            hasRows = true;
            yield return line;
        }
        if (!hasRows)
            throw new PassengerFileException($"The file has a header and no {_layout.RowName}. Hint: at least one row must follow line 1.", line: 1);
    }

    /// <summary>
    /// Whether the record has correct quotes and one cell for each column. If not, the assignment of cells to columns is unknown: the
    /// problem is added to <paramref name="validator"/> and the cells must not be validated.
    /// </summary>
    /// <exception cref="PassengerFileException">A quote is never closed.</exception>
    public bool HasWellFormedCells(RowValidator validator, long line)
    {
        switch (CsvQuoting.Check(Record.GetRawRecordSpan()))
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
        if (Record.RowFieldCount == Header.ColumnCount)
            return true;
        validator.AddFormatProblem($"The row has {Quantity.Of(Record.RowFieldCount, "cell")}; the header has {Quantity.Of(Header.ColumnCount, "column")}.");
        return false;
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

    internal static CsvDataReaderOptions ReaderOptions(int maximumRecordLengthInCharacters) => new()
    {
        HasHeaders = false, // CsvHeader validates the header
        Delimiter = ',',
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
            + string.Create(CultureInfo.InvariantCulture, $"{options.MaximumRecordLengthInCharacters} characters, the maximum. ")
            + "Hint: check for a quote that is not closed and for missing line breaks.", line);
}

/// <summary>The columns of one kind of CSV file.</summary>
/// <param name="Required">Columns that must be present, in the order used in messages.</param>
/// <param name="Optional">Columns that may be present; they cause no warning.</param>
/// <param name="RowName">The noun for a row in messages: "passenger" or "outcome".</param>
internal sealed record CsvLayout(string[] Required, string[] Optional, string RowName)
{
    public bool Contains(string name) =>
        Required.Contains(name, StringComparer.OrdinalIgnoreCase) || Optional.Contains(name, StringComparer.OrdinalIgnoreCase);
}

/// <summary>
/// The positions of the columns in one file. Names are trimmed and compared case-insensitively, in any order. The header is always line 1.
/// </summary>
internal sealed class CsvHeader
{
    public const int NotFound = -1;

    private readonly CsvLayout _layout;
    private readonly string[] _names;

    /// <exception cref="PassengerFileException">The header does not match the layout.</exception>
    public CsvHeader(CsvDataReader record, CsvLayout layout, int maximumColumns)
    {
        _layout = layout;
        var line = record.GetRawRecordSpan();
        if (line.TrimStart().StartsWith("<"))
            throw InvalidHeader("this is HTML or XML, not CSV", "the URL may be that of a download page; use the URL of the raw file");
        if (record.RowFieldCount > maximumColumns)
            throw InvalidHeader($"the header has {record.RowFieldCount} columns; it must have at most {maximumColumns}", "remove unused columns");

        _names = new string[record.RowFieldCount];
        for (var column = 0; column < _names.Length; column++)
            _names[column] = record.GetFieldSpan(column).ToString().Trim();
        RequireAllColumns(line);
        RequireValidText(line);
        RequireUniqueColumns();
        IgnoredColumns = [.. _names.Where(name => !layout.Contains(name)).Select(name => Excerpt.Truncate(name))];
    }

    public int ColumnCount => _names.Length;

    /// <summary>Names of the columns that are not part of the layout, escaped; an unnamed column is an empty string.</summary>
    public IReadOnlyList<string> IgnoredColumns { get; }

    /// <summary>The 0-based index of the column, or <see cref="NotFound"/>.</summary>
    public int Find(string name) => Array.FindIndex(_names, column => column.Equals(name, StringComparison.OrdinalIgnoreCase));

    private void RequireAllColumns(ReadOnlySpan<char> line)
    {
        var missing = _layout.Required.Where(name => Find(name) == NotFound).ToArray();
        if (missing.Length == 0)
            return;
        foreach (var (separator, display) in (ReadOnlySpan<(char, string)>)[(';', "\";\""), ('\t', "TAB"), ('|', "\"|\"")])
        {
            if (CountRequiredNames(separator, line) >= 2)
                throw InvalidHeader($"the columns are separated by {display}; they must be separated by \",\"", "save the file again with commas");
        }
        if (missing.Length == _layout.Required.Length)
        {
            throw InvalidHeader($"there is no header; the file begins with \"{Excerpt.TruncateRecord(line)}\"",
                "write the column names in the first line");
        }
        throw InvalidHeader(missing.Length == 1 ? $"the column {missing[0]} is missing" : $"the columns {string.Join(", ", missing)} are missing",
            "column names may be in any order and any case, but must have this spelling");
    }

    private int CountRequiredNames(char separator, ReadOnlySpan<char> line) =>
        line.ToString().Split(separator, StringSplitOptions.TrimEntries)
            .Count(name => _layout.Required.Contains(name.Trim('"'), StringComparer.OrdinalIgnoreCase));

    private void RequireValidText(ReadOnlySpan<char> line)
    {
        var control = line.IndexOfAny(RowValidator.ControlCharacters);
        if (control >= 0)
            throw InvalidHeader($"the header has the control character U+{(int)line[control]:X4}; it must be plain text", "remove it");
        if (CsvQuoting.Check(line) != Quoting.Correct)
            throw InvalidHeader("a quote in the header is not closed or is inside a name", "quote whole names only");
    }

    private void RequireUniqueColumns()
    {
        for (var column = 0; column < _names.Length; column++)
        {
            // Unnamed columns (pandas writes its index as one) are ignored and may occur more than once.
            if (_names[column].Length > 0 && Find(_names[column]) is var first && first != column)
            {
                throw InvalidHeader($"the column {Excerpt.Truncate(_names[column])} occurs twice, as columns {first + 1} and {column + 1}",
                    "remove or rename one of them");
            }
        }
    }

    private PassengerFileException InvalidHeader(FormattableString problem, string hint) =>
        InvalidHeader(problem.ToString(CultureInfo.InvariantCulture), hint);

    private PassengerFileException InvalidHeader(string problem, string hint) =>
        new($"Line 1: {problem}. Required columns: {string.Join(", ", _layout.Required)}. Hint: {hint}.", line: 1);
}

internal enum Quoting
{
    Correct,
    QuoteInsideUnquotedCell,
    TextAfterClosingQuote,
    NeverClosed,
}

/// <summary>
/// Checks the quotes of a record by RFC 4180. The strict mode of the CSV library stops at the first invalid quote and would reject the
/// whole file; its lax mode accepts all quotes. The reader uses the lax mode and this check, so that only the row is rejected.
/// </summary>
internal static class CsvQuoting
{
    /// <param name="record">One record as written in the file, including its line break.</param>
    public static Quoting Check(ReadOnlySpan<char> record)
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
