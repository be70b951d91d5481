using System.Globalization;
using System.Text.Json;
using Titanic.Web.Passengers;

namespace Titanic.Web;

/// <summary>
/// The sentences of error messages: one form for each kind, at every entry point (pages, API, files, protocols, command line, settings).
/// A sentence states the value that was seen, as a short escaped excerpt in double quotes, and the values that are allowed.
/// </summary>
internal static class ErrorText
{
    /// <summary>A name that does not exist: <c>There is no pipeline "lunch"; there are feature, inference, training.</c></summary>
    public static string UnknownName(string kind, string? seen, IReadOnlyList<string> names, string? where = null) =>
        $"There is no {kind} \"{Excerpt.Truncate(seen)}\"{where}; " + names.Count switch
        {
            0 => "there are none.",
            1 => $"there is only {names[0]}.",
            _ => $"there are {string.Join(", ", names)}.",
        };

    /// <summary>
    /// A text that is not allowed: <c>The policy is "often"; it must be always or strict.</c> Instead of the value, the sentence says
    /// "missing" for null and "empty" for an empty text.
    /// </summary>
    public static string Invalid(string subject, string? seen, string allowed) => $"{subject} is {Quote(seen)}; it must be {allowed}.";

    /// <summary>A number out of range: <c>The limit is 0; it must be between 1 and 200.</c></summary>
    public static string OutOfRange(string subject, object seen, object minimum, object maximum) =>
        $"{subject} is {Number(seen)}; it must be {Between(minimum, maximum)}.";

    /// <summary>A content type that an endpoint does not accept.</summary>
    /// <param name="isUtf8">Whether the message states the encoding, because the charset of the content type is wrong.</param>
    public static string ContentType(string? seen, IReadOnlyList<string> accepted, bool isUtf8 = false) =>
        (string.IsNullOrEmpty(seen) ? "The content type is missing" : $"The content type is \"{Excerpt.TruncateRecord(seen)}\"")
        + $"; it must be {OneOf(accepted)}{(isUtf8 ? ", in UTF-8" : "")}.";

    /// <summary>A body that is not valid JSON. Lines and bytes are counted from 1, as in editors; the parser counts them from 0.</summary>
    public static string InvalidJson(JsonException failure)
    {
        return failure.LineNumber is null // thrown by this program
            ? $"The body is not valid JSON. {failure.Message}"
            : $"Line {Number(failure.LineNumber.Value + 1)}, byte {Number((failure.BytePositionInLine ?? 0) + 1)}: the body is not valid JSON. "
                + "Check the quotes, commas and brackets at this position.";
    }

    /// <summary>A body with a compression that an endpoint does not accept.</summary>
    public static string ContentEncoding(string seen, params string[] accepted) =>
        $"The content encoding is \"{Excerpt.Truncate(seen)}\"; it must be {OneOf([.. accepted, "absent"])}. Send the body uncompressed.";

    /// <summary>A request body above the limit of its endpoint.</summary>
    /// <param name="length">The length that the request states; null if it states none.</param>
    /// <param name="maximum">The limit in bytes.</param>
    /// <remarks>A body whose stated length is allowed is too long because the limit applies to its decompressed bytes.</remarks>
    public static string BodyTooLarge(long? length, long maximum)
    {
        var allowed = $"it must have at most {Quantity.Of(maximum, "byte")}";
        if (length <= maximum)
        {
            return $"The body has {Quantity.Of(length.Value, "byte")} compressed and is too long after decompression; "
                + $"decompressed, {allowed}. Nothing was done.";
        }
        var seen = length is { } bytes ? $"has {Quantity.Of(bytes, "byte")}" : "is too long";
        return $"The body {seen}; {allowed}. Nothing was done.";
    }

    /// <summary>The values from a minimum to a maximum, both allowed: "between 1 and 200".</summary>
    public static string Between(object minimum, object maximum) =>
        $"between {Number(minimum)} and {Number(maximum)}";

    /// <summary>The allowed values of a whole number: "a whole number between 1 and 200".</summary>
    public static string WholeNumber(long minimum, long maximum) =>
        maximum == long.MaxValue ? $"a whole number of at least {Number(minimum)}" : $"a whole number {Between(minimum, maximum)}";

    /// <summary>A number of a message; whole numbers with thousands commas: "10,000".</summary>
    public static string Number(object number) => number is byte or short or ushort or int or uint or long
        ? string.Create(CultureInfo.InvariantCulture, $"{number:#,##0}")
        : string.Create(CultureInfo.InvariantCulture, $"{number}");

    /// <summary>A list of allowed values: "always or strict", "1, 2 or 3".</summary>
    public static string OneOf(IReadOnlyList<string> values) =>
        values.Count < 2 ? string.Concat(values) : $"{string.Join(", ", values.SkipLast(1))} or {values[^1]}";

    /// <summary>An excerpt in double quotes; "missing" for null, "empty" for an empty text.</summary>
    private static string Quote(string? seen) => seen switch
    {
        null => "missing",
        "" => "empty",
        _ => $"\"{Excerpt.Truncate(seen)}\"",
    };
}
