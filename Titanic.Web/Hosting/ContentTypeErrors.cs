using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace Titanic.Web.Hosting;

/// <summary>The details of status 415: the content type of the request and the content types that the endpoint accepts.</summary>
internal static class ContentTypeErrors
{
    private const string Json = "application/json";

    /// <summary>The content type received and the content types that the endpoints of this path and method accept.</summary>
    public static string UnsupportedMediaType(HttpContext context)
    {
        var request = context.Request;
        var accepted = RequestMethods.EndpointsAt(context).Where(endpoint => RequestMethods.MethodsOf(endpoint)?.Contains(request.Method) == true)
            .SelectMany(endpoint => endpoint.Metadata.GetOrderedMetadata<IAcceptsMetadata>())
            .SelectMany(accepts => accepts.ContentTypes)
            .Distinct();
        return ErrorText.ContentType(request.ContentType, [.. accepted]);
    }

    /// <summary>
    /// The error if the charset of a JSON body is not UTF-8 (RFC 8259); null if the content type is valid. The framework throws on a
    /// charset that it does not support.
    /// </summary>
    public static string? UnsupportedCharset(HttpContext context)
    {
        var received = context.Request.ContentType;
        if (received is null or "" or Json or $"{Json}; charset=utf-8" || !context.Request.Path.StartsWithSegments("/api"))
            return null;
        if (!MediaTypeHeaderValue.TryParse(received, out var type) || !type.Charset.HasValue
            || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return null;
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is not { } accepted || !accepted.ContentTypes.Contains(Json))
            return null; // for example an archive, which is binary
        return ErrorText.ContentType(received, accepted.ContentTypes, isUtf8: true);
    }
}
