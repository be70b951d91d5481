using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Access;

namespace Titanic.Web.Pages;

[AllowAnonymous]
public sealed class LoginModel(SignIn signIn, SignInRateLimit rateLimit) : PageModel
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

    public IActionResult OnGet() => User.Identity is { IsAuthenticated: true } ? LocalRedirect(Destination) : Page();

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (!rateLimit.TryAcquire(HttpContext, out var retryAfter)) return TooManyAttempts(retryAfter);
        if (string.IsNullOrWhiteSpace(Email) || string.IsNullOrEmpty(Password)) return ShowError("Enter your email address and your password.");

        var outcome = Email.Length > MaximumInputLength || Password.Length > MaximumInputLength
            ? SignInOutcome.Failed
            : await signIn.Attempt(Email.Trim(), Password, cancellationToken);
        return outcome switch
        {
            SignInOutcome.SignedIn => LocalRedirect(Destination),
            SignInOutcome.LockedOut => ShowError("This account is locked after too many wrong passwords. Try again in a few minutes."),
            _ => ShowError("The email address or the password is wrong."),
        };
    }

    /// <summary>Only a path of this site, so that a link to the sign-in page cannot redirect users to another site.</summary>
    private string Destination => Url.IsLocalUrl(ReturnUrl) ? ReturnUrl : Url.Content("~/");

    private PageResult TooManyAttempts(TimeSpan retryAfter)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(retryAfter.TotalSeconds));
        Response.StatusCode = StatusCodes.Status429TooManyRequests;
        Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return ShowError($"Too many sign-in attempts from your address. Try again in {Quantity.Of(seconds, "second")}.");
    }

    private PageResult ShowError(string message)
    {
        Message = message;
        return Page();
    }
}
