using System.Buffers;

namespace Titanic.Web.Passengers;

/// <summary>The dialect of a CSV file, detected from the first record.</summary>
/// <param name="Delimiter">Comma, semicolon or TAB: the one that separates the most known column names.</param>
/// <param name="HeaderStart">The number of characters before the header: those of a line such as <c>sep=;</c>.</param>
/// <param name="HeaderLine">The physical line of the header: 1, or 2 after such a line.</param>
/// <param name="HasBlanks">Whether blanks follow the delimiters of the header.</param>
internal sealed record CsvDialect(char Delimiter, int HeaderStart, int HeaderLine, bool HasBlanks)
{
    private const string Delimiters = ",;\t";

    /// <param name="start">The first characters of the file; they should contain the whole header.</param>
    /// <param name="layout">The columns that the header may have.</param>
    /// <param name="read">The delimiter and column names that the sender specified.</param>
    /// <exception cref="PassengerFileException">The file is empty, begins with a blank line or has another delimiter.</exception>
    public static CsvDialect Detect(ReadOnlySpan<char> start, CsvLayout layout, CsvReadOptions read)
    {
        if (start.IsEmpty)
            throw new PassengerFileException(
                $"The file is empty. Hint: it must have a header in line 1 and at least one {layout.RowName}.");
        var separator = ReadSeparatorLine(start);
        var (headerStart, line) = separator is null ? (0, 1) : (start.IndexOf('\n') + 1, 2);
        var header = FirstRecord(start[headerStart..]);
        if (header.IsEmpty)
        {
            throw new PassengerFileException(
                FormattableString.Invariant($"Line {line} is blank; it must be the header. Hint: remove the blank lines before the header."), line);
        }
        if (separator is not null && !Delimiters.Contains(separator.Value, StringComparison.Ordinal))
        {
            throw new PassengerFileException($"Line 1: the separator is \"{Excerpt.Truncate([separator.Value])}\"; it must be \",\", \";\" or TAB. "
                + "Hint: save the file again with commas.", line: 1);
        }
        var delimiter = read.Delimiter ?? separator ?? MostKnownNames(header, layout, read);
        return new CsvDialect(delimiter, headerStart, line, HasBlankAfter(header, delimiter));
    }

    /// <summary>Splits a header at a delimiter outside quotes and counts the cells that are names of columns.</summary>
    public static int CountKnownNames(ReadOnlySpan<char> header, char delimiter, CsvLayout layout, CsvReadOptions read)
    {
        var (known, cellStart, isQuoted) = (0, 0, false);
        for (var at = 0; at <= header.Length; at++)
        {
            if (at < header.Length && header[at] == '"')
                isQuoted = !isQuoted;
            if (at < header.Length && (isQuoted || header[at] != delimiter))
                continue;
            var name = header[cellStart..at].Trim().Trim('"').ToString().Trim();
            known += layout.Knows(name) || read.Columns.Values.Contains(name, StringComparer.OrdinalIgnoreCase) ? 1 : 0;
            cellStart = at + 1;
        }
        return known;
    }

    private static char MostKnownNames(ReadOnlySpan<char> header, CsvLayout layout, CsvReadOptions read)
    {
        var (best, most) = (Delimiters[0], 0);
        foreach (var delimiter in Delimiters)
        {
            var known = CountKnownNames(header, delimiter, layout, read);
            if (known > most)
                (best, most) = (delimiter, known);
        }
        return best;
    }

    /// <summary>Reads the line by which Excel declares the delimiter.</summary>
    private static char? ReadSeparatorLine(ReadOnlySpan<char> start)
    {
        var end = start.IndexOf('\n');
        var line = (end < 0 ? start : start[..end]).Trim('"');
        return line.Length == 5 && line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) ? line[4] : null;
    }

    private static ReadOnlySpan<char> FirstRecord(ReadOnlySpan<char> text)
    {
        var isQuoted = false;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '"')
                isQuoted = !isQuoted;
            else if (text[at] == '\n' && !isQuoted)
                return text[..at];
        }
        return text;
    }

    private static bool HasBlankAfter(ReadOnlySpan<char> header, char delimiter)
    {
        var isQuoted = false;
        for (var at = 0; at + 1 < header.Length; at++)
        {
            if (header[at] == '"')
                isQuoted = !isQuoted;
            else if (header[at] == delimiter && header[at + 1] == ' ' && !isQuoted)
                return true;
        }
        return false;
    }
}

/// <summary>
/// Replaces the decimal comma of a cell by a point. A comma is a decimal comma only if it does not separate cells; the first decimal number
/// decides for the whole file.
/// </summary>
internal sealed class DecimalCells(char delimiter)
{
    private static readonly SearchValues<char> _commaNumber = SearchValues.Create("0123456789,");
    private static readonly SearchValues<char> _pointNumber = SearchValues.Create("0123456789.");

    private readonly char[] _cell = new char[32];
    private char? _separator;

    /// <summary>"comma" or "point"; null if no cell had decimals so far.</summary>
    public string? SeparatorName => _separator switch
    {
        ',' => "comma",
        '.' => "point",
        _ => null,
    };

    /// <summary>Returns the number with a decimal point; every other text unchanged.</summary>
    /// <param name="cell">The cell as written; the result is valid until the next call.</param>
    /// <param name="column">The name of the column in messages.</param>
    /// <param name="validator">Gets a problem if the cell has another separator than earlier cells.</param>
    public ReadOnlySpan<char> Normalize(ReadOnlySpan<char> cell, string column, RowValidator validator)
    {
        var at = cell.IndexOfAny(',', '.');
        if (at < 0 || (delimiter == ',' && cell[at] == ',') || !IsDecimal(cell, at))
            return cell;
        _separator ??= cell[at];
        if (_separator != cell[at])
        {
            validator.AddFormatProblem(
                $"The {column.ToLowerInvariant()} is \"{Excerpt.Truncate(cell)}\"; its decimal separator must be a {SeparatorName}, as in earlier rows.");
            return [];
        }
        if (_separator == '.')
            return cell;
        cell.CopyTo(_cell);
        _cell[at] = '.';
        return _cell.AsSpan(0, cell.Length);
    }

    private bool IsDecimal(ReadOnlySpan<char> cell, int at)
    {
        var trimmed = cell.Trim();
        return cell.Length <= _cell.Length && trimmed.Count(cell[at]) == 1 && char.IsAsciiDigit(trimmed[0]) && char.IsAsciiDigit(trimmed[^1])
            && !trimmed.ContainsAnyExcept(cell[at] == ',' ? _commaNumber : _pointNumber);
    }
}
