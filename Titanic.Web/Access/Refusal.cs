using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Titanic.Web.Access;

/// <summary>
/// The responses to requests that are not authenticated, not authorized or over a rate limit: browsers are redirected to the sign-in page,
/// API clients get a problem (RFC 9457).
/// </summary>
internal static class Refusal
{
    /// <summary>The paths for API clients: the API, the health endpoints and the paths of the inference protocols.</summary>
    private static readonly PathString[] _forPrograms = ["/api", "/v2", "/invocations", "/ping", "/health", "/version"];

    /// <summary>Returns 401 to an API client; redirects a browser to the sign-in page.</summary>
    public static Task AskToSignIn(RedirectContext<CookieAuthenticationOptions> refused)
    {
        if (IsForProgram(refused.Request))
            return Unauthorized(refused.HttpContext, $"Sign in at /login, or send an API key in {ApiKeyAuthentication.Header}.");
        refused.Response.Redirect(refused.RedirectUri);
        return Task.CompletedTask;
    }

    /// <summary>Returns 403 to a signed-in account that is not an administrator.</summary>
    public static Task Forbid(RedirectContext<CookieAuthenticationOptions> refused) =>
        Forbidden(refused.HttpContext, "Your account does not have this permission; sign in as an administrator.");

    public static Task Unauthorized(HttpContext context, string detail) => Problem(context, StatusCodes.Status401Unauthorized, detail);

    public static Task Forbidden(HttpContext context, string detail) => Problem(context, StatusCodes.Status403Forbidden, detail);

    public static Task TooMany(HttpContext context, string detail) => Problem(context, StatusCodes.Status429TooManyRequests, detail);

    /// <summary>
    /// True for a request to an API path, and for one that accepts JSON but not HTML; a browser that requests a page accepts HTML.
    /// </summary>
    public static bool IsForProgram(HttpRequest request)
    {
        if (IsPathOfPrograms(request.Path)) return true;
        var accepted = request.GetTypedHeaders().Accept;
        return accepted.Any(a => a.MediaType.Value is "application/json" or "application/problem+json")
            && !accepted.Any(a => a.MediaType.Value is "text/html");
    }

    /// <summary>True for a path that only API clients use, whether or not an endpoint exists there.</summary>
    public static bool IsPathOfPrograms(PathString asked)
    {
        foreach (var prefix in _forPrograms)
        {
            if (asked.StartsWithSegments(prefix)) return true;
        }
        return false;
    }

    private static Task Problem(HttpContext context, int status, string detail) =>
        Results.Problem(detail, statusCode: status).ExecuteAsync(context);
}
