namespace Titanic.Web.Passengers;

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
