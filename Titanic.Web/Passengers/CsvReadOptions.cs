using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Titanic.Web.Passengers;

/// <summary>How a sender or a page specifies to read a CSV file. What is not specified is detected.</summary>
public sealed partial record CsvReadOptions
{
    public const string EncodingNames = "utf-8, utf-16 or windows-1252", DelimiterNames = "comma, semicolon or tab";

    /// <summary>Everything is detected.</summary>
    public static CsvReadOptions Detect { get; } = new();

    public TextEncoding? Encoding { get; init; }

    /// <summary>Comma, semicolon or TAB.</summary>
    public char? Delimiter { get; init; }

    /// <summary>The column of the file for a field such as "pclass"; null if the field is not in the file. Other fields are found by name.</summary>
    public IReadOnlyDictionary<string, string?> Columns { get; init; } = FrozenDictionary<string, string?>.Empty;

    /// <summary>Parses the query parameters or form fields; null or empty means detection.</summary>
    /// <param name="columns">Such as <c>pclass:Klasse, sex:Geschlecht, age:</c>; a field without a column is not read.</param>
    /// <returns>The options, or the message about the first parameter that is not valid.</returns>
    public static (CsvReadOptions? Options, string? Problem) Parse(string? encoding, string? delimiter, string? columns)
    {
        if (ParseEncoding(encoding) is not { IsValid: true } knownEncoding)
            return (null, ErrorText.Invalid("The encoding", encoding, EncodingNames));
        if (ParseDelimiter(delimiter) is not { IsValid: true } knownDelimiter)
            return (null, ErrorText.Invalid("The delimiter", delimiter, DelimiterNames));
        if (ParseColumns(columns) is not { } mapping)
        {
            return (null, ErrorText.Invalid(
                "The parameter columns", columns, $"field:column for at least one field, separated by commas; fields are {ErrorText.OneOf(PassengerCsv.Fields)}"));
        }
        return (new CsvReadOptions { Encoding = knownEncoding.Value, Delimiter = knownDelimiter.Value, Columns = mapping }, null);
    }

    /// <summary>"comma", "semicolon" or "tab".</summary>
    public static string FormatDelimiter(char delimiter) => delimiter switch
    {
        ';' => "semicolon",
        '\t' => "tab",
        _ => "comma",
    };

    private static (bool IsValid, TextEncoding? Value) ParseEncoding(string? text) => text?.Trim().ToLowerInvariant() switch
    {
        null or "" => (true, null),
        "utf-8" or "utf8" => (true, TextEncoding.Utf8),
        "utf-16" or "utf16" => (true, TextEncoding.Utf16),
        "windows-1252" or "cp1252" => (true, TextEncoding.Windows1252),
        _ => (false, null),
    };

    private static (bool IsValid, char? Value) ParseDelimiter(string? text) => text?.ToLowerInvariant() switch
    {
        null or "" => (true, null),
        "comma" or "," => (true, ','),
        "semicolon" or ";" => (true, ';'),
        "tab" or "\t" => (true, '\t'),
        _ => (false, null),
    };

    private static Dictionary<string, string?>? ParseColumns(string? text)
    {
        var mapping = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (string.IsNullOrWhiteSpace(text))
            return mapping;
        // A name of a column may contain commas and colons, so only a comma before the name of a field separates.
        var fields = FieldStart().Matches(text);
        if (fields.Count == 0 || fields[0].Index != 0)
            return null;
        for (var i = 0; i < fields.Count; i++)
        {
            var start = fields[i].Index + fields[i].Length;
            var column = text[start..(i + 1 < fields.Count ? fields[i + 1].Index : text.Length)].Trim();
            var field = PassengerCsv.Fields.First(known => known.Equals(fields[i].Groups[1].Value, StringComparison.OrdinalIgnoreCase));
            if (!mapping.TryAdd(field, column.Length == 0 ? null : column))
                return null;
        }
        return mapping;
    }

    [GeneratedRegex(@"(?:^|,)\s*(passengerId|survived|pclass|name|sex|age|fare|person)\s*:", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FieldStart();
}

/// <summary>How a file was read: what was detected and what was specified.</summary>
/// <param name="Encoding">UTF-8, UTF-16 or Windows-1252.</param>
/// <param name="Compression">gzip or zip; null if the file is not compressed.</param>
/// <param name="Delimiter">comma, semicolon or tab.</param>
/// <param name="DecimalSeparator">comma or point; null if no cell has decimals.</param>
/// <param name="Columns">The name of the column in the file for each field that was read, such as "pclass": "Klasse".</param>
/// <param name="Ignored">The names of the columns that were not read.</param>
public sealed record InputDescription(
    string Encoding, string? Compression, string Delimiter, string? DecimalSeparator, IReadOnlyDictionary<string, string> Columns, IReadOnlyList<string> Ignored)
{
    /// <summary>
    /// "Read as semicolon-separated UTF-8 with decimal comma; columns: class ← Klasse, sex ← Sex; ids from the content of the rows."
    /// </summary>
    public override string ToString()
    {
        var columns = Columns.Select(column => $"{LabelOf(column.Key)} ← {column.Value}");
        return $"Read as {Delimiter}-separated {Encoding}{(DecimalSeparator == "comma" ? " with decimal comma" : "")}{(Compression is null ? "" : $" ({Compression})")}; "
            + $"columns: {string.Join(", ", columns)}{(Columns.ContainsKey("passengerId") ? "" : "; ids from the content of the rows")}.";
    }

    /// <summary>The word of a field in sentences.</summary>
    public static string LabelOf(string field) => field switch
    {
        "passengerId" => "id",
        "pclass" => "class",
        "knownAt" => "known at",
        _ => field,
    };
}
