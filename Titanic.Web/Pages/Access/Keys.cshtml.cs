using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;

namespace Titanic.Web.Pages.Access;

/// <summary>The API keys, and the forms that create, expire and revoke them.</summary>
[Authorize(AccessPolicies.Admin)]
public sealed class KeysModel(ApiKeys keys) : OperatorPageModel
{
    public IReadOnlyList<ApiKeySummary> Keys { get; private set; } = [];

    /// <summary>The name and the key that was just created; shown by this response only.</summary>
    public (string Name, string Key)? Created { get; private set; }

    /// <summary>Why the last action was refused; null if it was not.</summary>
    public string? Problem { get; private set; }

    /// <summary>The name in the form after an action was refused.</summary>
    public string? Name { get; private set; }

    protected override string Policy => AccessPolicies.Admin;

    private string By => AuditLog.CallerName(User);

    public async Task OnGetAsync(CancellationToken cancellationToken) => Keys = await keys.List(cancellationToken);

    public async Task<IActionResult> OnPostAsync(string? name, ApiKeyScope? scope, DateOnly? expires, CancellationToken cancellationToken)
    {
        var result = await Act(
            async () => Created = ((name ?? "").Trim(), await keys.Create(
                name ?? "", scope ?? throw new AccountException(ErrorText.Invalid("The scope", null, "ingest, predict or operate")), expires, By, cancellationToken)),
            null, cancellationToken);
        Name = Created is null ? name : null;
        return result;
    }

    public Task<IActionResult> OnPostExpireAsync(string? name, DateOnly? expires, CancellationToken cancellationToken) => Act(
        () => keys.SetExpiry(name ?? "", expires, By, cancellationToken),
        $"The API key {name} {(expires is null ? "does not expire" : $"expires on {Format.Date(expires)}")}.", cancellationToken);

    public Task<IActionResult> OnPostRevokeAsync(string? name, CancellationToken cancellationToken) =>
        Act(() => keys.Revoke(name ?? "", By, cancellationToken), $"The API key {name} is revoked.", cancellationToken);

    /// <param name="message">The message after a redirect; null: the page is the response of the action.</param>
    private async Task<IActionResult> Act(Func<Task> action, string? message, CancellationToken cancellationToken)
    {
        try
        {
            if (!ModelState.IsValid)
                throw new AccountException(ErrorText.Invalid("A value of the form", string.Concat(ModelState.Values.FirstOrDefault(value => value.Errors.Count > 0)?.AttemptedValue), "one that the form offers; the expiry is a date such as 2027-01-31"));
            await action();
            if (message is not null)
            {
                Message = message;
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
