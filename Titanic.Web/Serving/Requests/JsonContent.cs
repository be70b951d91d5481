using Microsoft.Net.Http.Headers;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Requests;

/// <summary>JSON is UTF-8 (RFC 8259). What is no JSON at all is refused before it comes here.</summary>
internal static class JsonContent
{
    private const string Json = "application/json", InUtf8 = "application/json; charset=utf-8";

    /// <summary>Null where all is well.</summary>
    public static IResult? Problem(HttpRequest request)
    {
        var said = request.ContentType;
        if (Json.Equals(said, StringComparison.OrdinalIgnoreCase) || InUtf8.Equals(said, StringComparison.OrdinalIgnoreCase))
            return null;
        if (!MediaTypeHeaderValue.TryParse(said, out var type) || !type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return null;
        return TypedResults.Problem(
            $"The content type is \"{Excerpt.TruncateRecord(said)}\"; it must be {Json}, in UTF-8.", statusCode: StatusCodes.Status415UnsupportedMediaType);
    }
}
