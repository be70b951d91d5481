using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;

namespace Titanic.Web.Pages;

/// <summary>The own account: password, second factor, sessions. Keys and codes are shown by the response of a POST only.</summary>
[Authorize(AccessPolicies.SignedIn)]
public sealed class AccountModel(OwnAccount own, SignIn signIn) : OperatorPageModel
{
    public IdentityUser Account { get; private set; } = null!;

    public string Role => AccountRoles.All.First(User.IsInRole);

    /// <summary>The number of unused recovery codes.</summary>
    public int RecoveryCodesLeft { get; private set; }

    /// <summary>The key that the authenticator app must be given; null unless the second factor is being set up.</summary>
    public SecondFactorSetup? Setup { get; private set; }

    /// <summary>New recovery codes; null unless they were just generated.</summary>
    public IReadOnlyList<string>? RecoveryCodes { get; private set; }

    /// <summary>Why the password was not changed; null if it was.</summary>
    public string? PasswordProblem { get; private set; }

    /// <summary>Why the second factor was not changed; null if it was.</summary>
    public string? SecondFactorProblem { get; private set; }

    protected override string Policy => AccessPolicies.SignedIn;

    public async Task OnGetAsync()
    {
        Account = await own.Find(User);
        RecoveryCodesLeft = await own.CountRecoveryCodes(Account);
    }

    public async Task<IActionResult> OnPostPasswordAsync(string? current, string? replacement, string? repeated, CancellationToken cancellationToken)
    {
        Account = await own.Find(User);
        PasswordProblem = replacement != repeated
            ? "The new passwords differ."
            : await own.ChangePassword(Account, current ?? "", replacement ?? "", cancellationToken);
        return await Respond(PasswordProblem, "The password was changed. All other sessions of this account have ended.");
    }

    public async Task<IActionResult> OnPostStartAsync(string? password, CancellationToken cancellationToken)
    {
        Account = await own.Find(User);
        (Setup, SecondFactorProblem) = await own.StartSecondFactor(Account, password ?? "", cancellationToken);
        return await Respond(SecondFactorProblem);
    }

    public async Task<IActionResult> OnPostEnableAsync(string? proof, string? code, CancellationToken cancellationToken)
    {
        Account = await own.Find(User);
        if (await own.FindSetup(Account, proof ?? "") is not { } setup)
        {
            SecondFactorProblem = "This set-up is no longer valid. Start again.";
        }
        else
        {
            RecoveryCodes = await own.EnableSecondFactor(Account, code ?? "", cancellationToken);
            if (RecoveryCodes is null)
                (Setup, SecondFactorProblem) = (setup, "The code is wrong. Check the time of your device, and enter the code that the app shows now.");
        }
        return await Respond(SecondFactorProblem);
    }

    public async Task<IActionResult> OnPostCodesAsync(string? password, CancellationToken cancellationToken)
    {
        Account = await own.Find(User);
        (RecoveryCodes, SecondFactorProblem) = await own.NewRecoveryCodes(Account, password ?? "", cancellationToken);
        return await Respond(SecondFactorProblem);
    }

    public async Task<IActionResult> OnPostDisableAsync(string? password, CancellationToken cancellationToken)
    {
        Account = await own.Find(User);
        SecondFactorProblem = await own.DisableSecondFactor(Account, password ?? "", cancellationToken);
        return await Respond(SecondFactorProblem, "The second factor is off. All other sessions of this account have ended.");
    }

    public async Task<IActionResult> OnPostSignOutAsync(CancellationToken cancellationToken)
    {
        await signIn.SignOut(User, cancellationToken);
        return RedirectToPage("/Login");
    }

    /// <param name="message">The message after a redirect; null: the page is the response of the action.</param>
    private async Task<IActionResult> Respond(string? problem, string? message = null)
    {
        if (problem is null && message is not null)
        {
            Message = message;
            return RedirectToPage();
        }
        if (problem is not null)
            Response.StatusCode = StatusCodes.Status400BadRequest;
        RecoveryCodesLeft = await own.CountRecoveryCodes(Account);
        return Page();
    }
}
