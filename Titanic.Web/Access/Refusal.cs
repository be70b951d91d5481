using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Titanic.Web.Access;

/// <summary>How the site says no: people are led to the sign-in page, programs get a problem (RFC 9457).</summary>
internal static class Refusal
{
    /// <summary>Where only programs ask: the API, and the paths that the standard protocols give.</summary>
    private static readonly PathString[] _forPrograms = ["/api", "/v2", "/invocations", "/ping", "/health", "/version"];

    public static Task AskToSignIn(RedirectContext<CookieAuthenticationOptions> refused)
    {
        if (IsForProgram(refused.Request))
            return Unauthorized(refused.HttpContext, $"Sign in at /login, or send an API key in {ApiKeyAuthentication.Header}.");
        refused.Response.Redirect(refused.RedirectUri);
        return Task.CompletedTask;
    }

    public static Task Forbid(RedirectContext<CookieAuthenticationOptions> refused) =>
        Forbidden(refused.HttpContext, "Your account may not do this; it needs an administrator.");

    public static Task Unauthorized(HttpContext context, string detail) => Problem(context, StatusCodes.Status401Unauthorized, detail);

    public static Task Forbidden(HttpContext context, string detail) => Problem(context, StatusCodes.Status403Forbidden, detail);

    public static Task TooMany(HttpContext context, string detail) => Problem(context, StatusCodes.Status429TooManyRequests, detail);

    /// <summary>A request at a program's path, or one that takes JSON and not HTML, as a browser asking for a page never does.</summary>
    public static bool IsForProgram(HttpRequest request)
    {
        if (IsPathOfPrograms(request.Path)) return true;
        var accepted = request.GetTypedHeaders().Accept;
        return accepted.Any(a => a.MediaType.Value is "application/json" or "application/problem+json")
            && !accepted.Any(a => a.MediaType.Value is "text/html");
    }

    /// <summary>Whether only programs ask there, whatever there is to answer.</summary>
    public static bool IsPathOfPrograms(PathString asked)
    {
        foreach (var path in _forPrograms)
        {
            if (asked.StartsWithSegments(path)) return true;
        }
        return false;
    }

    private static Task Problem(HttpContext context, int status, string detail) =>
        Results.Problem(detail, statusCode: status).ExecuteAsync(context);
}
