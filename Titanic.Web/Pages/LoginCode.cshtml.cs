using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Access;

namespace Titanic.Web.Pages;

/// <summary>The second step of a sign-in: the code of the authenticator app, or a recovery code.</summary>
[AllowAnonymous]
public sealed class LoginCodeModel(SignIn signIn) : PageModel
{
    /// <summary>Longer than any code.</summary>
    private const int MaximumInputLength = 64;

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    /// <summary>Why the last attempt failed; null before the first.</summary>
    public string? Message { get; private set; }

    public async Task<IActionResult> OnGetAsync() =>
        User.Identity is { IsAuthenticated: true } ? LocalRedirect(LoginModel.Destination(Url, ReturnUrl))
        : await signIn.AwaitsCode() ? Page()
        : RedirectToPage("Login", new { ReturnUrl });

    public async Task<IActionResult> OnPostAsync(string? code, CancellationToken cancellationToken)
    {
        var attempt = code is { Length: > 0 and <= MaximumInputLength } ? await signIn.AttemptCode(code, cancellationToken) : new SignInAttempt(SignInOutcome.Failed);
        switch (attempt.Outcome)
        {
            case SignInOutcome.SignedIn: return LocalRedirect(LoginModel.Destination(Url, ReturnUrl));
            case SignInOutcome.Expired: return RedirectToPage("Login", new { ReturnUrl });
            case SignInOutcome.Delayed: Message = LoginModel.DelayMessage(Response, attempt.RetryAfterSeconds); break;
            default: Message = "The code is wrong or was used before."; break;
        }
        return Page();
    }
}
