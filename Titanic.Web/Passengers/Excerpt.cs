using System.Globalization;
using System.Text;

namespace Titanic.Web.Passengers;

/// <summary>
/// Truncates and escapes untrusted text for a message. Control and format characters become \uXXXX, so that a file cannot forge log lines,
/// change the text direction of a page or send NUL to the database.
/// </summary>
internal static class Excerpt
{
    /// <summary>Maximum number of UTF-16 code units of a record before escaping.</summary>
    public const int RecordLength = 80;
    /// <summary>Maximum number of UTF-16 code units of a cell before escaping.</summary>
    public const int CellLength = 24;

    public static string TruncateRecord(ReadOnlySpan<char> record) => Escape(record.TrimEnd('\n'), RecordLength);

    public static string Truncate(ReadOnlySpan<char> cell) => Escape(cell, CellLength);

    private static string Escape(ReadOnlySpan<char> text, int maximumLength)
    {
        var isTruncated = text.Length > maximumLength;
        if (isTruncated)
        {
            // An unpaired surrogate is not valid Unicode, and PostgreSQL rejects it.
            text = char.IsHighSurrogate(text[maximumLength - 1]) ? text[..(maximumLength - 1)] : text[..maximumLength];
        }
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var character in text)
            Append(escaped, character);
        return isTruncated ? escaped.Append('…').ToString() : escaped.ToString();
    }

    private static void Append(StringBuilder escaped, char character)
    {
        if (character == '\n')
            escaped.Append("\\n");
        else if (character == '\t')
            escaped.Append("\\t");
        else if (char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format
                 or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}");
        else
            escaped.Append(character);
    }
}
