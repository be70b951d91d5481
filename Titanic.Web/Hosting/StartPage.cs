using System.Net.Mime;
using System.Text.Encodings.Web;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Hosting;

/// <summary>
/// The responses until the database is ready: a page with the progress for browsers, 503 with Retry-After for API clients.
/// </summary>
internal static class StartPage
{
    private const int RetryAfterSeconds = 1;

    public static void UseStartPage(this WebApplication app)
    {
        var readiness = app.Services.GetRequiredService<DatabaseReadiness>();
        app.Use((context, next) => readiness.IsReady || NeedsNoDatabase(context.Request.Path) ? next(context) : Respond(context, readiness.Step));
    }

    private static bool NeedsNoDatabase(PathString path) =>
        path.StartsWithSegments("/health") || path.StartsWithSegments("/css") || path.StartsWithSegments("/js") || path.StartsWithSegments("/lib")
        || path == "/favicon.svg" || path == Telemetry.MetricsPath;

    private static Task Respond(HttpContext context, string step)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (!HttpMethods.IsGet(context.Request.Method) || AuthChallenge.IsApiRequest(context.Request))
        {
            return Results.Problem($"Titanic is starting: {step}. Try again in a moment.", statusCode: StatusCodes.Status503ServiceUnavailable)
                .ExecuteAsync(context);
        }
        var site = context.Request.PathBase.ToUriComponent();
        context.Response.ContentType = MediaTypeNames.Text.Html + "; charset=utf-8";
        return context.Response.WriteAsync(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <meta http-equiv="refresh" content="{RetryAfterSeconds}">
              <title>Titanic is starting</title>
              <link rel="icon" href="{site}/favicon.svg" type="image/svg+xml">
              <link rel="stylesheet" href="{site}/lib/bootstrap/dist/css/bootstrap.min.css">
              <link rel="stylesheet" href="{site}/css/site.css">
            </head>
            <body>
              <header class="site-header"><div class="container site-bar"><span class="site-brand">Titanic</span></div></header>
              <main class="container site-content">
                <h1>Titanic is starting</h1>
                <p class="lead" role="status">{HtmlEncoder.Default.Encode(step)} …</p>
                <progress class="start-progress" aria-label="Starting"></progress>
                <p>This page reloads every second.</p>
              </main>
            </body>
            </html>
            """, context.RequestAborted);
    }
}
