using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Access;

namespace Titanic.Web.Pages;

/// <summary>The sign-in with address and password; <see cref="LoginCodeModel"/> is its second step.</summary>
[AllowAnonymous]
public sealed class LoginModel(SignIn signIn) : PageModel
{
    // Longer input is rejected before hashing, because hashing it costs time and no real password is that long.
    private const int MaximumInputLength = 256;

    [BindProperty]
    public string? Email { get; set; }

    [BindProperty]
    public string? Password { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    /// <summary>Why the last attempt failed; null before the first.</summary>
    public string? Message { get; private set; }

    public IActionResult OnGet() => User.Identity is { IsAuthenticated: true } ? LocalRedirect(Destination(Url, ReturnUrl)) : Page();

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(Email) || string.IsNullOrEmpty(Password)) return ShowError("Enter your email address and your password.");

        var attempt = Email.Length > MaximumInputLength || Password.Length > MaximumInputLength
            ? new SignInAttempt(SignInOutcome.Failed)
            : await signIn.Attempt(Email.Trim(), Password, cancellationToken);
        return attempt.Outcome switch
        {
            SignInOutcome.SignedIn => LocalRedirect(Destination(Url, ReturnUrl)),
            SignInOutcome.SecondFactorRequired => RedirectToPage("LoginCode", new { ReturnUrl }),
            SignInOutcome.Delayed => ShowError(DelayMessage(Response, attempt.RetryAfterSeconds)),
            SignInOutcome.Disabled => ShowError("This account is disabled. An administrator can enable it."),
            _ => ShowError("The email address or the password is wrong."),
        };
    }

    /// <summary>Only a path of this site, so that a link to the sign-in page cannot redirect users to another site.</summary>
    internal static string Destination(IUrlHelper url, string? returnUrl) => url.IsLocalUrl(returnUrl) ? returnUrl : url.Content("~/");

    /// <summary>Sets status 429 with the time to wait.</summary>
    internal static string DelayMessage(HttpResponse response, int seconds)
    {
        response.StatusCode = StatusCodes.Status429TooManyRequests;
        response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return $"Too many sign-in attempts. Try again in {Quantity.Of(seconds, "second")}.";
    }

    private PageResult ShowError(string message)
    {
        Message = message;
        return Page();
    }
}
