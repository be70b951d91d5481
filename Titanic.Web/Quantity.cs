using System.Globalization;

namespace Titanic.Web;

/// <summary>Formats counts for messages and pages.</summary>
public static class Quantity
{
    /// <summary>A count with its unit, plural with an s: "1 row", "1,309 rows".</summary>
    public static string Of(long count, string singular) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:#,##0} {singular}{(count == 1 ? "" : "s")}");
}
