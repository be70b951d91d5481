using Microsoft.Net.Http.Headers;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

/// <summary>What kind of body a request says it has.</summary>
internal static class ContentTypes
{
    public const string Json = "application/json", Csv = "text/csv";

    /// <returns>Which of the allowed ones it is.</returns>
    /// <exception cref="RefusedRequestException">Another one, another charset than UTF-8, an unknown parameter, or a packed body.</exception>
    public static string Require(HttpRequest request, params ReadOnlySpan<string> allowed)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var seen))
            throw Refused(Sentence(request.ContentType, allowed));
        if (seen.Charset.HasValue && !HeaderUtilities.RemoveQuotes(seen.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw Refused($"The charset is \"{Excerpt.Truncate(seen.Charset)}\"; it must be utf-8.");
        if (seen.Parameters.FirstOrDefault(parameter => !parameter.Name.Equals("charset", StringComparison.OrdinalIgnoreCase)) is { } unknown)
            throw Refused($"The content type has the parameter \"{Excerpt.Truncate(unknown.Name)}\"; only charset is allowed.");
        if (request.Headers.ContentEncoding is { Count: > 0 } packed)
            throw Refused($"The content encoding is \"{Excerpt.Truncate(packed.ToString())}\"; send the body unpacked.");
        foreach (var type in allowed)
        {
            if (seen.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
                return type;
        }
        throw Refused(Sentence(request.ContentType, allowed));
    }

    private static string Sentence(string? seen, params ReadOnlySpan<string> allowed) =>
        $"{(string.IsNullOrEmpty(seen) ? "The request has no content type" : $"The content type is \"{Excerpt.TruncateRecord(seen)}\"")}; it must be {string.Join(" or ", allowed)}.";

    private static RefusedRequestException Refused(string sentence) => new(sentence, StatusCodes.Status415UnsupportedMediaType);
}
