using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Access;
using Titanic.Web.FeatureStore;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Pages.Features;

/// <summary>One passenger: every version of the row and of the outcome, and the administrator's deletion.</summary>
public sealed class PassengerModel(PassengerHistory history, Uploads uploads, IAuthorizationService authorization) : PageModel
{
    public PassengerKey Passenger { get; private set; } = null!;

    /// <summary>Newest first; never empty.</summary>
    public IReadOnlyList<PassengerVersion> Versions { get; private set; } = [];
    public IReadOnlyList<Outcome> Outcomes { get; private set; } = [];
    public bool MayDelete { get; private set; }

    /// <summary>Null for one who was deleted.</summary>
    public PassengerVersion? Current => Versions[0].SupersededBy is null ? Versions[0] : null;

    public Outcome? CurrentOutcome => Outcomes.SingleOrDefault(outcome => outcome.SupersededBy is null);

    public async Task<IActionResult> OnGetAsync(string source, string key, CancellationToken cancellationToken)
    {
        Passenger = new PassengerKey(source, key);
        Versions = await history.Versions(Passenger, cancellationToken);
        if (Versions.Count == 0)
            return NotFound();
        Outcomes = await history.Outcomes(Versions, cancellationToken);
        MayDelete = await MayChange();
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string source, string key, CancellationToken cancellationToken)
    {
        if (!await MayChange())
            return User.Identity is { IsAuthenticated: true } ? Forbid() : Challenge();
        await uploads.Delete(source, key, RunTrigger.Button, AuditLog.NameOf(User), cancellationToken);
        return RedirectToPage(new { source, key });
    }

    private async Task<bool> MayChange() => (await authorization.AuthorizeAsync(User, AccessPolicies.Admin)).Succeeded;
}
