using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using Titanic.Web.Access;

namespace Titanic.Web.Hosting;

/// <summary>
/// HEAD and 405 as RFC 9110 defines them. HEAD answers where GET does (section 9.3.2), and <c>Allow</c> names the methods of the path
/// (section 10.2.1). Routing does neither: an endpoint for GET has no HEAD, and in Development the endpoint for static files that were
/// added after the build has GET and HEAD for every path.
/// </summary>
internal static class RequestMethods
{
    /// <summary>
    /// Routes HEAD requests to the API, its document and the protocols as GET; the web server omits the body of the response. Pages and static files have HEAD of
    /// their own: a page must not store a prediction.
    /// </summary>
    public static void UseHeadOfApi(this WebApplication app) => app.Use((context, next) =>
    {
        var request = context.Request;
        if (HttpMethods.IsHead(request.Method)
            && (AuthChallenge.IsApiPath(request.Path) || request.Path == OpenApi.ApiDocument.Path || request.Path.StartsWithSegments(OpenApi.ApiPage.Path)))
            request.Method = HttpMethods.Get;
        return next(context);
    });

    /// <summary>Corrects the status and <c>Allow</c> of requests for which routing found no endpoint.</summary>
    public static void UseAllowedMethods(this WebApplication app) => app.Use(async (context, next) =>
    {
        await next(context);
        var response = context.Response;
        if (response.HasStarted || response.StatusCode is not (StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed)
            || context.GetEndpoint() is RouteEndpoint found && !IsFallback(found))
            return;
        var methods = AllowedAt(context);
        response.StatusCode = methods.Count > 0 ? StatusCodes.Status405MethodNotAllowed : StatusCodes.Status404NotFound;
        response.Headers.Allow = methods.Count > 0 ? string.Join(", ", methods) : default;
    });

    /// <summary>The methods of the endpoints at the path of the request; empty if there are none.</summary>
    public static IReadOnlyList<string> AllowedAt(HttpContext context)
    {
        var methods = EndpointsAt(context).SelectMany(endpoint => MethodsOf(endpoint) ?? [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post]).ToHashSet();
        if (methods.Contains(HttpMethods.Get))
            methods.Add(HttpMethods.Head);
        return [.. methods.Order(StringComparer.Ordinal)];
    }

    /// <summary>The endpoints at the path of the request, for any method.</summary>
    public static IEnumerable<RouteEndpoint> EndpointsAt(HttpContext context) => context.RequestServices.GetRequiredService<EndpointDataSource>()
        .Endpoints.OfType<RouteEndpoint>().Where(endpoint => !IsFallback(endpoint) && Matches(endpoint, context));

    /// <summary>The methods of an endpoint; null for a page, which accepts all of them and has handlers for GET and POST.</summary>
    public static IReadOnlyList<string>? MethodsOf(Endpoint endpoint) => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods;

    /// <summary>Whether the endpoint is for static files at any path, which exists in Development only.</summary>
    private static bool IsFallback(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.PathSegments is [{ IsSimple: true, Parts: [RoutePatternParameterPart { IsCatchAll: true }] }];

    private static bool Matches(RouteEndpoint endpoint, HttpContext context)
    {
        var values = new RouteValueDictionary();
        if (!new TemplateMatcher(TemplateParser.Parse(endpoint.RoutePattern.RawText ?? ""), []).TryMatch(context.Request.Path, values))
            return false;
        var policies = context.RequestServices.GetRequiredService<ParameterPolicyFactory>();
        return endpoint.RoutePattern.ParameterPolicies.All(parameter => parameter.Value.All(reference =>
            policies.Create(endpoint.RoutePattern.GetParameter(parameter.Key), reference) is not IRouteConstraint constraint
            || constraint.Match(context, null, parameter.Key, values, RouteDirection.IncomingRequest)));
    }
}
