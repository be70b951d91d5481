using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Identity;

namespace Titanic.Web.Access;

/// <summary>
/// Antiforgery validation of endpoints. Razor Pages validate the token of every form automatically; other endpoints that write call
/// <see cref="RequireAntiforgeryForCookies"/>.
/// </summary>
public static class CookieAntiforgery
{
    /// <summary>The header with the token, for requests that are not forms.</summary>
    public const string Header = "X-CSRF-TOKEN";

    /// <summary>The antiforgery cookie, which is set with every form: a random secret for the browser session.</summary>
    public const string CookieName = "titanic-csrf";

    /// <summary>
    /// Returns 400 for POST, PUT, PATCH and DELETE without a valid token if the cookie authenticates the caller. Browsers add the cookie to
    /// requests that other sites trigger, but never add an API key: callers with a key need no token.
    /// </summary>
    public static TBuilder RequireAntiforgeryForCookies<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            if (!IsAuthenticatedByCookie(context)) return await next(invocation);
            var antiforgery = context.RequestServices.GetRequiredService<IAntiforgery>();
            return await antiforgery.IsRequestValidAsync(context)
                ? await next(invocation)
                : Results.Problem(
                    $"The antiforgery token is missing or not valid. Reload the page, or send the page's token in the header {Header}.",
                    statusCode: StatusCodes.Status400BadRequest);
        });

    private static bool IsAuthenticatedByCookie(HttpContext context) => context.User.Identities.Any(
        identity => identity is { IsAuthenticated: true, AuthenticationType: var type } && type == IdentityConstants.ApplicationScheme);
}
