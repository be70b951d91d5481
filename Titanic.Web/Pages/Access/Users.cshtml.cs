using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;

namespace Titanic.Web.Pages.Access;

/// <summary>The accounts, and the form that adds one.</summary>
[Authorize(AccessPolicies.Admin)]
public sealed class UsersModel(Accounts accounts) : OperatorPageModel
{
    [BindProperty]
    public string? Email { get; set; }

    [BindProperty]
    public string? Role { get; set; }

    public IReadOnlyList<AccountSummary> Users { get; private set; } = [];

    /// <summary>The generated password of the account that was just added; shown by this response only.</summary>
    public string? GeneratedPassword { get; private set; }

    /// <summary>Why the account was not added; null if it was.</summary>
    public string? Problem { get; private set; }

    protected override string Policy => AccessPolicies.Admin;

    public async Task OnGetAsync(CancellationToken cancellationToken) => Users = await accounts.List(cancellationToken);

    public async Task<IActionResult> OnPostAsync(string? password, CancellationToken cancellationToken)
    {
        try
        {
            GeneratedPassword = await accounts.Add(Email ?? "", Role ?? "", password, AuditLog.CallerName(User), cancellationToken);
            if (GeneratedPassword is null)
            {
                Message = $"Account {Email} added with the role {Role}.";
                return RedirectToPage();
            }
        }
        catch (AccountException refused)
        {
            Problem = refused.Message;
            Response.StatusCode = StatusCodes.Status400BadRequest;
        }
        await OnGetAsync(cancellationToken);
        return Page();
    }
}
