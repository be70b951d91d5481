using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Identity;

namespace Titanic.Web.Access;

/// <summary>
/// Razor Pages demand an antiforgery token of every form by themselves; other endpoints that write say so with
/// <see cref="RequireAntiforgeryForCookies"/>.
/// </summary>
public static class CookieAntiforgery
{
    /// <summary>Carries the token when the request is not a form.</summary>
    public const string Header = "X-CSRF-TOKEN";

    /// <summary>The cookie that every form of the site comes with: a random secret that stays while the browser is open.</summary>
    public const string CookieName = "titanic-csrf";

    /// <summary>
    /// Answers 400 to POST, PUT, PATCH and DELETE without a valid token when the caller is known by the cookie. Browsers add the cookie to
    /// requests that other sites make them send, but never a key in a header: callers with an API key need no token.
    /// </summary>
    public static TBuilder RequireAntiforgeryForCookies<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            if (!IsKnownByCookie(context)) return await next(invocation);
            var antiforgery = context.RequestServices.GetRequiredService<IAntiforgery>();
            return await antiforgery.IsRequestValidAsync(context)
                ? await next(invocation)
                : Results.Problem(
                    $"The antiforgery token is missing or stale: reload the page, or send its token in {Header}.",
                    statusCode: StatusCodes.Status400BadRequest);
        });

    private static bool IsKnownByCookie(HttpContext context) => context.User.Identities.Any(
        identity => identity is { IsAuthenticated: true, AuthenticationType: var type } && type == IdentityConstants.ApplicationScheme);
}
