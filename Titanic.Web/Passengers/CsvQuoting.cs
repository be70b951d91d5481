namespace Titanic.Web.Passengers;

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
    /// <param name="delimiter">The character between cells.</param>
    public static Quoting Check(ReadOnlySpan<char> record, char delimiter = ',')
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
                if (!record.IsEmpty && record[0] != delimiter && record[0] != '\n')
                    return Quoting.TextAfterClosingQuote;
            }
            var next = record.IndexOfAny(delimiter, '"');
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
