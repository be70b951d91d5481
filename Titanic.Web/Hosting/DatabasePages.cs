using System.Globalization;
using System.Net.Mime;
using System.Text.Encodings.Web;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Hosting;

/// <summary>
/// The responses while the database is not available: until it is ready, a page with the progress; later an error page with status 503.
/// API clients get 503 with Retry-After. They use neither the database nor the accounts.
/// </summary>
internal static class DatabasePages
{
    private static readonly PathString[] _needNoDatabase =
    [
        "/health", "/css", "/js", "/lib", "/favicon.svg", Telemetry.MetricsPath,
    ];

    /// <summary>The inference protocols have error formats and time limits of their own.</summary>
    private static readonly PathString[] _protocols = ["/v2", "/invocations", "/ping", "/version"];

    public static void UseDatabasePages(this WebApplication app)
    {
        var readiness = app.Services.GetRequiredService<DatabaseReadiness>();
        app.Use((context, next) =>
            IsBelow(context, _needNoDatabase) ? next(context)
            : !readiness.IsReady ? RespondStarting(context, readiness.Step)
            : IsBelow(context, _protocols) ? next(context)
            : readiness.Outage is { } outage ? RespondUnavailable(context, outage)
            : HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) ? RespondDuringOutage(context, next, readiness)
            : next(context));
    }

    private static bool IsBelow(HttpContext context, PathString[] paths) => Array.Exists(paths, path => context.Request.Path.StartsWithSegments(path));

    /// <summary>
    /// Responds when an outage begins, although the request still waits for the database. A statement cannot be canceled on a server that
    /// hangs (see <see cref="DatabaseWatcher"/>), so the response is completed before the work of the request ends; the client gets another connection for its
    /// next request. A request that changes data is left alone, because its client must learn what became of it.
    /// </summary>
    private static async Task RespondDuringOutage(HttpContext context, RequestDelegate next, DatabaseReadiness readiness)
    {
        var work = next(context);
        string? reason = null;
        while (!work.IsCompleted && reason is null)
        {
            await Task.WhenAny(work, readiness.OutageBegin);
            reason = readiness.Outage; // null if the outage has already ended
        }
        if (work.IsCompleted || context.Response.HasStarted)
        {
            await work;
            return;
        }
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
            context.Response.Headers.Connection = "close";
        await RespondUnavailable(context, reason!);
        await context.Response.CompleteAsync();
        await work.ContinueWith(_ => { }, TaskScheduler.Default); // its failure has been reported
    }

    private static Task RespondStarting(HttpContext context, string step)
    {
        SetHeaders(context, retryAfterSeconds: 1);
        if (!HttpMethods.IsGet(context.Request.Method) || AuthChallenge.IsApiRequest(context.Request))
            return Problem(context, $"Titanic is starting: {step}. Try again in a moment.");
        return Page(context, "Titanic is starting", 1,
            $"""
            <p class="lead" role="status">{HtmlEncoder.Default.Encode(step)} …</p>
            <progress class="start-progress" aria-label="Starting"></progress>
            <p>This page reloads every second.</p>
            """);
    }

    private static Task RespondUnavailable(HttpContext context, string reason)
    {
        const int retryAfterSeconds = 2;
        SetHeaders(context, retryAfterSeconds);
        if (AuthChallenge.IsApiRequest(context.Request))
            return Problem(context, $"The database does not respond. {reason} Nothing was changed; try again in a moment.");
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        var isGet = HttpMethods.IsGet(context.Request.Method);
        return Page(context, "Service unavailable", isGet ? retryAfterSeconds : null,
            $"""
            <p class="lead" role="alert">The database does not respond. {HtmlEncoder.Default.Encode(reason)}</p>
            <p>{(isGet ? "You may reload this page; it also reloads every 2 seconds." : "Nothing was changed. Go back and try again in a moment.")}</p>
            """);
    }

    private static void SetHeaders(HttpContext context, int retryAfterSeconds)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.RetryAfter = retryAfterSeconds.ToString(CultureInfo.InvariantCulture);
    }

    private static Task Problem(HttpContext context, string detail) =>
        Results.Problem(detail, statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(context);

    private static Task Page(HttpContext context, string title, int? refreshSeconds, string content)
    {
        // The header's badge of the other pages.
        var status = context.Response.StatusCode == StatusCodes.Status503ServiceUnavailable
            ? """<div class="site-status" id="site-status"><span class="badge text-bg-danger">database</span></div>""" : "";
        var site = context.Request.PathBase.ToUriComponent();
        context.Response.ContentType = MediaTypeNames.Text.Html + "; charset=utf-8";
        return context.Response.WriteAsync(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              {(refreshSeconds is { } seconds ? FormattableString.Invariant($"<meta http-equiv=\"refresh\" content=\"{seconds}\">") : "")}
              <title>{title}</title>
              <link rel="icon" href="{site}/favicon.svg" type="image/svg+xml">
              <link rel="stylesheet" href="{site}/lib/bootstrap/dist/css/bootstrap.min.css">
              <link rel="stylesheet" href="{site}/css/site.css">
            </head>
            <body>
              <header class="site-header"><div class="container site-bar"><span class="site-brand">Titanic</span>{status}</div></header>
              <main class="container site-content">
                <h1>{title}</h1>
                {content}
              </main>
            </body>
            </html>
            """, context.RequestAborted);
    }
}
