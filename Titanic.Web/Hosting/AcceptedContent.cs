using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing.Template;
using Titanic.Web.Passengers;

namespace Titanic.Web.Hosting;

/// <summary>What a body may be where it was sent to: whoever sent another kind (415) is told both.</summary>
internal static class AcceptedContent
{
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

    private static bool Matches(RouteEndpoint endpoint, PathString path) =>
        new TemplateMatcher(TemplateParser.Parse(endpoint.RoutePattern.RawText ?? ""), []).TryMatch(path, []);
}
