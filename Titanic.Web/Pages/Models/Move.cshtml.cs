using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Access;
using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Models;

/// <summary>Shows what a move of an alias will change, and makes it once it is confirmed. Without scripts: one page to look, one form to send.</summary>
public sealed class MoveModel(ModelRegistry registry, IAuthorizationService authorization) : PageModel
{
    /// <summary>Why; required.</summary>
    [BindProperty]
    public string? Reason { get; set; }

    /// <summary>Put a version in service that the gate did not promote.</summary>
    [BindProperty]
    public bool Force { get; set; }

    public ModelVersion Version { get; private set; } = null!;
    public AliasDeed Deed { get; private set; } = null!;
    public AliasHolders Holders { get; private set; } = null!;
    public IReadOnlyList<AliasChange> Changes { get; private set; } = [];

    /// <summary>What is wrong with the version's stored bytes; null where they are sound.</summary>
    public string? Damage { get; private set; }

    /// <summary>Why it was not done.</summary>
    public string? Problem { get; private set; }

    /// <summary>The gate did not promote this version, so that somebody has to force it.</summary>
    public bool NeedsForce => Deed == AliasDeed.Promote && Version.Gate.Verdict != Verdict.Promote;

    public async Task<IActionResult> OnGetAsync(int version, string deed, CancellationToken cancellationToken) =>
        await MayOperate() ? await Show(version, deed, cancellationToken) : Refuse();

    /// <param name="seen">The version that had the alias when the page was shown.</param>
    public async Task<IActionResult> OnPostAsync(int version, string deed, int? seen, CancellationToken cancellationToken)
    {
        if (!await MayOperate())
            return Refuse();
        try
        {
            await AliasDeed.All.Single(one => one.Name == deed).Do(
                registry, version, new AliasDecision(AuditLog.NameOf(User), Reason ?? "", Force, seen), cancellationToken);
            return LocalRedirect($"/models/{version}#aliases");
        }
        catch (RegistryRefusedException refused)
        {
            Problem = refused.Message;
            Response.StatusCode = RegistryProblems.StatusOf(refused.Kind);
            return await Show(version, deed, cancellationToken);
        }
    }

    private async Task<IActionResult> Show(int version, string deed, CancellationToken cancellation)
    {
        if (await registry.Find(version, cancellation) is not { } found)
            return NotFound();
        (Version, Deed, Damage) = (found, AliasDeed.All.Single(one => one.Name == deed), registry.ProblemOf(found));
        Holders = await registry.Holders(cancellation);
        Changes = Deed.Changes(Holders, version);
        ModelState.Clear(); // what the form shows again is the model's
        return Page();
    }

    private IActionResult Refuse() => User.Identity is { IsAuthenticated: true } ? Forbid() : Challenge();

    private async Task<bool> MayOperate() => (await authorization.AuthorizeAsync(User, AccessPolicies.Operator)).Succeeded;
}
