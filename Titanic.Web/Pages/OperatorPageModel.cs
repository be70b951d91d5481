using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Access;

namespace Titanic.Web.Pages;

/// <summary>
/// The base of the pages that everybody may read and that show or do more for an operator. A POST by anybody else is answered before its
/// handler runs: with the sign-in page, or with 403 for an account without the right.
/// </summary>
public abstract class OperatorPageModel : PageModel
{
    /// <summary>Whether the visitor has the right of <see cref="Policy"/>.</summary>
    public bool MayOperate { get; private set; }

    /// <summary>What the last action did; the next page that the visitor sees shows it once.</summary>
    [TempData]
    public string? Message { get; set; }

    /// <summary>The right that the page's actions need.</summary>
    protected virtual string Policy => AccessPolicies.Operator;

    /// <summary>Whether everybody may send the page's forms.</summary>
    protected virtual bool IsPostPublic => false;

    protected DateTimeOffset Now => HttpContext.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();

    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var authorization = HttpContext.RequestServices.GetRequiredService<IAuthorizationService>();
        MayOperate = (await authorization.AuthorizeAsync(User, Policy)).Succeeded;
        if (!MayOperate && !IsPostPublic && HttpMethods.IsPost(Request.Method))
            context.Result = User.Identity is { IsAuthenticated: true } ? Forbid() : Challenge();
        else
            await next();
    }
}
