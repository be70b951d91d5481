using System.Globalization;
using Sylvan.Data.Csv;

namespace Titanic.Web.Passengers;

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
