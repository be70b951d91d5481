namespace Titanic.Web.Passengers;

/// <summary>Cells of the CSV files that we write, quoted as in RFC 4180. What we store is verbatim; what we hand out is guarded.</summary>
public static class CsvFormula
{
    /// <summary>
    /// A spreadsheet takes a text that begins like a formula for one: an apostrophe before it says that it is text. One that begins with an
    /// apostrophe itself gets another, so that <see cref="Unescape"/> finds every text whole.
    /// </summary>
    public static string Escape(string text)
    {
        if (text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\'', ..])
            text = "'" + text;
        return text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>The text that <see cref="Escape"/> was given.</summary>
    /// <param name="cell">As a CSV reader gives it, without the quotes around it.</param>
    public static string Unescape(string cell) => cell is ['\'', ..] ? cell[1..] : cell;
}
