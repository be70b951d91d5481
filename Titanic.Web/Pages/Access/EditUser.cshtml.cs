using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;

namespace Titanic.Web.Pages.Access;

/// <summary>One account with the actions of administrators.</summary>
[Authorize(AccessPolicies.Admin)]
public sealed class EditUserModel(Accounts accounts) : OperatorPageModel
{
    [BindProperty(SupportsGet = true)]
    public string Email { get; set; } = "";

    public AccountSummary Account { get; private set; } = null!;

    /// <summary>The password that was just generated; shown by this response only.</summary>
    public string? GeneratedPassword { get; private set; }

    /// <summary>Why the last action was refused; null if it was not.</summary>
    public string? Problem { get; private set; }

    protected override string Policy => AccessPolicies.Admin;

    private string By => AuditLog.CallerName(User);

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        var found = (await accounts.List(cancellationToken)).FirstOrDefault(account => account.Email.Equals(Email, StringComparison.OrdinalIgnoreCase));
        if (found is null)
            return ErrorModel.NotFound(HttpContext, $"There is no account \"{Email}\"; the page /access/users lists the accounts.");
        Account = found;
        return Page();
    }

    public Task<IActionResult> OnPostRoleAsync(string? role, CancellationToken cancellationToken) =>
        Act(() => accounts.SetRole(Email, role ?? "", By, cancellationToken), $"{Email} has the role {role} now.", cancellationToken);

    public Task<IActionResult> OnPostDisableAsync(CancellationToken cancellationToken) =>
        Act(() => accounts.Disable(Email, By, cancellationToken), $"{Email} is disabled; its sessions have ended, and the API keys that it created are refused.", cancellationToken);

    public Task<IActionResult> OnPostEnableAsync(CancellationToken cancellationToken) =>
        Act(() => accounts.Enable(Email, By, cancellationToken), $"{Email} is enabled.", cancellationToken);

    public Task<IActionResult> OnPostSecondFactorAsync(CancellationToken cancellationToken) =>
        Act(() => accounts.ResetSecondFactor(Email, By, cancellationToken), $"The second factor of {Email} is off.", cancellationToken);

    public Task<IActionResult> OnPostSignOutAsync(CancellationToken cancellationToken) =>
        Act(() => accounts.SignOutEverywhere(Email, By, cancellationToken), $"All sessions of {Email} have ended.", cancellationToken);

    public async Task<IActionResult> OnPostPasswordAsync(string? password, CancellationToken cancellationToken)
    {
        var result = await Act(
            async () => GeneratedPassword = await accounts.ResetPassword(Email, password, By, cancellationToken), $"The password of {Email} was replaced.", cancellationToken);
        if (GeneratedPassword is null)
            return result;
        Message = null;
        return await OnGetAsync(cancellationToken);
    }

    private async Task<IActionResult> Act(Func<Task> action, string message, CancellationToken cancellationToken)
    {
        try
        {
            await action();
            Message = message;
            return RedirectToPage(new { email = Email });
        }
        catch (AccountException refused)
        {
            Problem = refused.Message;
            Response.StatusCode = StatusCodes.Status409Conflict;
            return await OnGetAsync(cancellationToken);
        }
    }
}
