using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Titanic.Web.Pages;

/// <summary>
/// What people see when something went wrong: the request is executed again as <c>/error</c>, with its own method and status. It asks
/// neither the database, which may be what is missing, nor for an antiforgery token.
/// </summary>
[AllowAnonymous, IgnoreAntiforgeryToken]
public sealed class ErrorModel : PageModel
{
    public string Title { get; private set; } = "";

    /// <summary>What to do now.</summary>
    public string Advice { get; private set; } = "";

    /// <summary>What finds this request in the log.</summary>
    public string? Trace { get; private set; }

    /// <summary>Whatever the method of the request that failed, so not in a handler of one method.</summary>
    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        var failed = HttpContext.Features.Get<IExceptionHandlerFeature>();
        if (failed is null && HttpContext.Features.Get<IStatusCodeReExecuteFeature>() is null)
            Response.StatusCode = StatusCodes.Status404NotFound; // somebody typed /error
        Trace = failed is null ? null : HttpContext.TraceIdentifier;
        (Title, Advice) = Response.StatusCode switch
        {
            StatusCodes.Status400BadRequest => ("That request could not be understood", "Go back, reload the page and send the form again."),
            StatusCodes.Status403Forbidden => ("You may not do this", "It needs the administrator's account. Sign in with it and try again."),
            StatusCodes.Status404NotFound => ("There is no such page", "Check the address, or start again from one of the places above."),
            StatusCodes.Status405MethodNotAllowed => ("This page cannot be used that way", "Start again from one of the places above."),
            StatusCodes.Status429TooManyRequests => ("That was too much at once", $"More requests came from your address than are allowed. Nothing was done; go back and try again in {Response.Headers.RetryAfter} s."),
            StatusCodes.Status503ServiceUnavailable => ("Titanic cannot answer at the moment", "The database does not answer, or no model is in service yet. Nothing was changed. Try again in a moment."),
            >= 500 => ("Something went wrong on our side", "Nothing half-done was kept. Try again; if it happens again, give the administrator the number below, which finds it in the log."),
            var status => ($"The request was refused ({status})", "Go back and try again."),
        };
    }
}
