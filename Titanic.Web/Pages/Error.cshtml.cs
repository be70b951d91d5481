using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Titanic.Web.Pages;

/// <summary>
/// The error page. The middleware executes a failed page request again as <c>/error</c>, with its original method and status. The page
/// reads nothing from the database, which may be the cause of the failure, and requires no antiforgery token.
/// </summary>
[AllowAnonymous, IgnoreAntiforgeryToken]
public sealed class ErrorModel : PageModel
{
    private const string MessageKey = "NotFound";

    public string Title { get; private set; } = "";

    /// <summary>What the user can do next.</summary>
    public string Advice { get; private set; } = "";

    /// <summary>The request ID in the log; null if no exception was thrown.</summary>
    public string? TraceId { get; private set; }

    /// <summary>Status 404 with a message of <see cref="NotFoundText"/>, which the error page shows.</summary>
    internal static NotFoundResult NotFound(HttpContext context, string message)
    {
        context.Items[MessageKey] = message;
        return new NotFoundResult();
    }

    /// <summary>Runs for every HTTP method, because the failed request may have any; a page handler runs for one method only.</summary>
    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        var failed = HttpContext.Features.Get<IExceptionHandlerFeature>();
        if (failed is null && HttpContext.Features.Get<IStatusCodeReExecuteFeature>() is null)
            Response.StatusCode = StatusCodes.Status404NotFound; // /error was requested directly
        TraceId = failed is null ? null : HttpContext.TraceIdentifier;
        (Title, Advice) = Response.StatusCode switch
        {
            StatusCodes.Status400BadRequest => ("Invalid request", "The server could not read the request. Go back, reload the page and send the form again."),
            StatusCodes.Status403Forbidden => ("Access denied", "Your account, or the API key, does not have this permission. An administrator can give the account another role."),
            StatusCodes.Status404NotFound => ("Page not found", HttpContext.Items[MessageKey] as string ?? "Check the address, or use the navigation above."),
            StatusCodes.Status405MethodNotAllowed => ("Method not allowed", "This page does not support the request. Use the navigation above."),
            StatusCodes.Status429TooManyRequests => (
                "Too many requests",
                $"Your address sent more requests than allowed, so this one was not executed. Go back and try again in {Response.Headers.RetryAfter} s."),
            StatusCodes.Status503ServiceUnavailable => (
                "Service unavailable", "The database is not reachable, no model has been promoted yet, or too many costly requests wait. Nothing was changed. Try again in a moment."),
            >= 500 => (
                "Internal server error",
                "The request failed and its changes were rolled back. Try again. If it fails again, give the administrator the request ID below, "
                + "which identifies the request in the log."),
            var status => ($"Request rejected (status {status})", "Go back and try again."),
        };
    }
}
