using Microsoft.Extensions.Primitives;

namespace Titanic.Web.Hosting;

/// <summary>
/// The security headers of API responses. A browser never renders or executes an API response, so the content security policy denies
/// everything, needs no nonce and is constant: building a page's policy would cost more than a prediction.
/// </summary>
internal static class ApiSecurityHeaders
{
    private static readonly StringValues _noSniff = "nosniff";
    private static readonly StringValues _deny = "DENY";
    private static readonly StringValues _noReferrer = "no-referrer";
    private static readonly StringValues _denyAll = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static Task Apply(HttpContext context, RequestDelegate next)
    {
        // When the response starts: the exception handler clears all headers that were set earlier.
        context.Response.OnStarting(Apply, context.Response.Headers);
        return next(context);
    }

    private static Task Apply(object state)
    {
        var headers = (IHeaderDictionary)state;
        headers.XContentTypeOptions = _noSniff;
        headers.XFrameOptions = _deny;
        headers["Referrer-Policy"] = _noReferrer;
        headers.ContentSecurityPolicy = _denyAll;
        return Task.CompletedTask;
    }
}
