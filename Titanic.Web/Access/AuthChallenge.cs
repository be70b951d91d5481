using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;

namespace Titanic.Web.Access;

/// <summary>
/// The responses to requests that are not authenticated, not authorized or over a rate limit: browsers are redirected to the sign-in page,
/// API clients get a problem (RFC 9457).
/// </summary>
internal static class AuthChallenge
{
    /// <summary>The paths for API clients: the API, the health endpoints, the metrics and the paths of the inference protocols.</summary>
    private static readonly PathString[] _apiPaths = ["/api", "/v2", "/invocations", "/ping", "/health", "/metrics", "/version"];

    /// <summary>Returns 401 to an API client; redirects a browser to the sign-in page.</summary>
    public static Task RequireSignIn(RedirectContext<CookieAuthenticationOptions> redirect)
    {
        if (IsApiRequest(redirect.Request))
            return Unauthorized(redirect.HttpContext, $"Sign in at /login, or send an API key in {ApiKeyAuthentication.Header}.");
        redirect.Response.Redirect(redirect.RedirectUri);
        return Task.CompletedTask;
    }

    /// <summary>Returns 403 to a signed-in account whose role is not allowed.</summary>
    public static Task DenyAccess(RedirectContext<CookieAuthenticationOptions> redirect)
    {
        var context = redirect.HttpContext;
        var required = AccessPolicies.RolesOf(context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy);
        var role = AccountRoles.All.FirstOrDefault(context.User.IsInRole);
        return Forbidden(context, $"This request requires an account with the role {ErrorText.OneOf(required)}; your account has {(role is null ? "no role" : $"the role {role}")}.");
    }

    public static Task Unauthorized(HttpContext context, string detail) => Problem(context, StatusCodes.Status401Unauthorized, detail);

    public static Task Forbidden(HttpContext context, string detail) => Problem(context, StatusCodes.Status403Forbidden, detail);

    public static Task TooManyRequests(HttpContext context, string detail) => Problem(context, StatusCodes.Status429TooManyRequests, detail);

    /// <summary>
    /// True for a request to an API path, and for one that accepts JSON but not HTML; a browser that requests a page accepts HTML.
    /// </summary>
    public static bool IsApiRequest(HttpRequest request)
    {
        if (IsApiPath(request.Path)) return true;
        var accepted = request.GetTypedHeaders().Accept;
        return accepted.Any(a => a.MediaType.Value is "application/json" or "application/problem+json")
            && !accepted.Any(a => a.MediaType.Value is "text/html");
    }

    /// <summary>True for a path that only API clients use, whether or not an endpoint exists there.</summary>
    public static bool IsApiPath(PathString path)
    {
        foreach (var prefix in _apiPaths)
        {
            if (path.StartsWithSegments(prefix)) return true;
        }
        return false;
    }

    private static Task Problem(HttpContext context, int status, string detail) =>
        Results.Problem(detail, statusCode: status).ExecuteAsync(context);
}
