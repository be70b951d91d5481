using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Access;

namespace Titanic.Web.Pages;

/// <summary>
/// The base of pages that are public to read and have additional content and actions for operators. A POST by a user who is not an operator
/// is rejected before its handler runs: with a redirect to the sign-in page, or with 403 for a signed-in account.
/// </summary>
public abstract class OperatorPageModel : PageModel
{
    /// <summary>Whether the current user satisfies <see cref="Policy"/>.</summary>
    public bool MayOperate { get; private set; }

    /// <summary>The result of the last action, shown once on the next page.</summary>
    [TempData]
    public string? Message { get; set; }

    /// <summary>The authorization policy of the page's actions. Default: operator.</summary>
    protected virtual string Policy => AccessPolicies.Operator;

    /// <summary>Whether POST requests need no authorization. Default: false.</summary>
    protected virtual bool AllowsPublicPost => false;

    /// <summary>The current day in UTC.</summary>
    public DateOnly Today => DateOnly.FromDateTime(Now.UtcDateTime);

    protected DateTimeOffset Now => HttpContext.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();

    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var authorization = HttpContext.RequestServices.GetRequiredService<IAuthorizationService>();
        MayOperate = (await authorization.AuthorizeAsync(User, Policy)).Succeeded;
        if (!MayOperate && !AllowsPublicPost && HttpMethods.IsPost(Request.Method))
            context.Result = Deny();
        else
            await next();
    }

    /// <summary>The response to a user who does not satisfy <see cref="Policy"/>: the sign-in page, or 403 for a signed-in account.</summary>
    protected IActionResult Deny() => User.Identity is { IsAuthenticated: true } ? Forbid() : Challenge();
}
