using System.Globalization;
using System.Text;

namespace Titanic.Web.Passengers;

/// <summary>
/// A short, escaped piece of foreign text for a message. Control and formatting characters become \uXXXX, so that a file cannot
/// forge log lines, turn a page's writing direction or send NUL to the database.
/// </summary>
internal static class Excerpt
{
    public const int RecordLength = 80;
    public const int CellLength = 24;

    public static string TruncateRecord(ReadOnlySpan<char> record) => Of(record.TrimEnd('\n'), RecordLength);

    public static string Truncate(ReadOnlySpan<char> cell) => Of(cell, CellLength);

    private static string Of(ReadOnlySpan<char> text, int length)
    {
        var cut = text.Length > length;
        if (cut)
        {
            // Half a surrogate pair is not valid Unicode, and PostgreSQL would refuse it.
            text = char.IsHighSurrogate(text[length - 1]) ? text[..(length - 1)] : text[..length];
        }
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var letter in text)
            Append(escaped, letter);
        return cut ? escaped.Append('…').ToString() : escaped.ToString();
    }

    private static void Append(StringBuilder escaped, char letter)
    {
        if (letter == '\n')
            escaped.Append("\\n");
        else if (letter == '\t')
            escaped.Append("\\t");
        else if (char.GetUnicodeCategory(letter) is UnicodeCategory.Control or UnicodeCategory.Format
                 or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}");
        else
            escaped.Append(letter);
    }
}
