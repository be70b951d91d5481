using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Net.Http.Headers;
using Titanic.Web.Passengers;

namespace Titanic.Web.Hosting;

/// <summary>What a body may be where it was sent to: whoever sent another kind (415) is told both.</summary>
internal static class AcceptedContent
{
    private const string Json = "application/json";

    public static string Sentence(HttpContext context)
    {
        var request = context.Request;
        var accepted = context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(request.Method) == true && Matches(endpoint, request.Path))
            .SelectMany(endpoint => endpoint.Metadata.GetOrderedMetadata<IAcceptsMetadata>())
            .SelectMany(accepts => accepts.ContentTypes)
            .Distinct();
        var seen = string.IsNullOrEmpty(request.ContentType) ? "The request has no content type" : $"The content type is \"{Excerpt.TruncateRecord(request.ContentType)}\"";
        return $"{seen}; it must be {string.Join(" or ", accepted)}.";
    }

    /// <summary>The API reads UTF-8 only (RFC 8259); the framework would fail at a charset that it does not know. Null where nothing is wrong.</summary>
    public static string? CharsetProblem(HttpContext context)
    {
        var seen = context.Request.ContentType;
        if (seen is null or "" or Json or $"{Json}; charset=utf-8" || !context.Request.Path.StartsWithSegments("/api"))
            return null;
        if (!MediaTypeHeaderValue.TryParse(seen, out var type) || !type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return null;
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is not { } accepted || !accepted.ContentTypes.Contains(Json))
            return null; // such as an archive, which is no text
        return $"The content type is \"{Excerpt.TruncateRecord(seen)}\"; it must be {string.Join(" or ", accepted.ContentTypes)}, in UTF-8.";
    }

    private static bool Matches(RouteEndpoint endpoint, PathString path) =>
        new TemplateMatcher(TemplateParser.Parse(endpoint.RoutePattern.RawText ?? ""), []).TryMatch(path, []);
}
