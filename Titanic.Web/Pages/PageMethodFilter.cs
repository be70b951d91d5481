using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Titanic.Web.Pages;

/// <summary>
/// Returns 405 if a page has no handler for the method: Razor Pages would render the page without the data that its handler reads. The page
/// of errors has no such data; it is also executed for failed requests of other methods.
/// </summary>
internal sealed class PageMethodFilter : IPageFilter
{
    public void OnPageHandlerSelected(PageHandlerSelectedContext context)
    {
        // The result can only be set in the next call.
    }

    public void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        var request = context.HttpContext;
        if (context.HandlerMethod is null && !HttpMethods.IsGet(request.Request.Method) && !HttpMethods.IsHead(request.Request.Method)
            && request.Features.Get<IStatusCodeReExecuteFeature>() is null && request.Features.Get<IExceptionHandlerFeature>() is null)
            context.Result = new StatusCodeResult(StatusCodes.Status405MethodNotAllowed);
    }

    public void OnPageHandlerExecuted(PageHandlerExecutedContext context)
    {
        // There is nothing to do after the handler.
    }
}
