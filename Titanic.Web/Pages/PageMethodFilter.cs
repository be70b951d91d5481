using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Titanic.Web.Pages;

/// <summary>
/// Returns 405 if a page has no handler for the method: Razor Pages would render the page without the data that its handler reads. The page
/// of errors has no such data; it is also executed for failed requests of other methods.
/// </summary>
internal sealed class PageMethodFilter : IPageFilter, IAuthorizationFilter, IOrderedFilter
{
    /// <summary>Before the antiforgery filter, whose order is 1000: it would reject a wrong method without a token with 400.</summary>
    public int Order => 0;

    public void OnAuthorization(AuthorizationFilterContext context)
    {
        if (context.ActionDescriptor is CompiledPageActionDescriptor page && IsUnknown(
            context.HttpContext, page.HandlerMethods.Any(handler => handler.HttpMethod.Equals(context.HttpContext.Request.Method, StringComparison.OrdinalIgnoreCase))))
            context.Result = new StatusCodeResult(StatusCodes.Status405MethodNotAllowed);
    }

    public void OnPageHandlerSelected(PageHandlerSelectedContext context)
    {
        // The result can only be set in the next call.
    }

    public void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        if (IsUnknown(context.HttpContext, context.HandlerMethod is not null))
            context.Result = new StatusCodeResult(StatusCodes.Status405MethodNotAllowed);
    }

    public void OnPageHandlerExecuted(PageHandlerExecutedContext context)
    {
        // There is nothing to do after the handler.
    }

    private static bool IsUnknown(HttpContext request, bool hasHandler) =>
        !hasHandler && !HttpMethods.IsGet(request.Request.Method) && !HttpMethods.IsHead(request.Request.Method)
        && request.Features.Get<IStatusCodeReExecuteFeature>() is null && request.Features.Get<IExceptionHandlerFeature>() is null;
}
