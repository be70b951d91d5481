using Microsoft.Net.Http.Headers;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Requests;

/// <summary>What a body may say that it is: JSON in UTF-8 (RFC 8259), and nothing else.</summary>
internal static class JsonContent
{
    private const string Json = "application/json", InUtf8 = "application/json; charset=utf-8";

    /// <summary>Null where all is well.</summary>
    public static IResult? Problem(HttpRequest request)
    {
        var said = request.ContentType;
        if (Json.Equals(said, StringComparison.OrdinalIgnoreCase) || InUtf8.Equals(said, StringComparison.OrdinalIgnoreCase))
            return null;
        if (MediaTypeHeaderValue.TryParse(said, out var type) && type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
            return null;
        var seen = string.IsNullOrEmpty(said) ? "The request has no content type" : $"The content type is \"{Excerpt.OfRecord(said)}\"";
        return TypedResults.Problem($"{seen}; it must be {Json}, in UTF-8.", statusCode: StatusCodes.Status415UnsupportedMediaType);
    }
}
