namespace Titanic.Web.Passengers;

/// <summary>Protects cells of exported CSV files against formula injection. Stored texts are not changed.</summary>
public static class CsvFormula
{
    /// <summary>
    /// Returns the text as an RFC 4180 cell. A text that a spreadsheet would evaluate as a formula gets a leading apostrophe, which
    /// marks it as text. A text that starts with an apostrophe gets another one, so that <see cref="Unescape"/> restores every text.
    /// </summary>
    public static string Escape(string text)
    {
        if (text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\'', ..])
            text = "'" + text;
        return text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>Returns the original text of a cell written by <see cref="Escape"/>.</summary>
    /// <param name="cell">The cell as parsed by a CSV reader, without the surrounding quotes.</param>
    public static string Unescape(string cell) => cell is ['\'', ..] ? cell[1..] : cell;
}
