using System.Globalization;

namespace Titanic.Web.Pipelines;

/// <summary>Formats counts for the messages of runs.</summary>
internal static class Quantity
{
    /// <summary>A count with its noun, plural with an s: "1 row", "1,309 rows".</summary>
    public static string Of(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");
}
