using Microsoft.Extensions.Primitives;

namespace Titanic.Web.Hosting;

/// <summary>
/// The headers of answers that programs read. Nothing in them is ever run or shown, so their policy allows nothing at all, needs no nonce, and is
/// the same each time: putting together what a page is given would cost more than answering the question.
/// </summary>
internal static class ProgramHeaders
{
    private static readonly StringValues _noSniff = "nosniff";
    private static readonly StringValues _deny = "DENY";
    private static readonly StringValues _noReferrer = "no-referrer";
    private static readonly StringValues _nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static Task Give(HttpContext context, RequestDelegate next)
    {
        // As the answer starts: whoever tells of an error begins by taking away what headers there are.
        context.Response.OnStarting(Give, context.Response.Headers);
        return next(context);
    }

    private static Task Give(object headersOfAnswer)
    {
        var headers = (IHeaderDictionary)headersOfAnswer;
        headers.XContentTypeOptions = _noSniff;
        headers.XFrameOptions = _deny;
        headers["Referrer-Policy"] = _noReferrer;
        headers.ContentSecurityPolicy = _nothing;
        return Task.CompletedTask;
    }
}
