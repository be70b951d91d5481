using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;
using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Models;

/// <summary>Shows what a move of an alias will change, and makes it once it is confirmed. Without scripts: one page to look, one form to send.</summary>
[Authorize(AccessPolicies.Operator)]
public sealed class MoveModel(ModelRegistry registry) : OperatorPageModel
{
    /// <summary>Why; required.</summary>
    [BindProperty]
    public string? Reason { get; set; }

    /// <summary>Put a version in service that the gate did not promote.</summary>
    [BindProperty]
    public bool Force { get; set; }

    public ModelVersion Version { get; private set; } = null!;
    public AliasAction Action { get; private set; } = null!;
    public AliasHolders Holders { get; private set; } = null!;
    public IReadOnlyList<AliasChange> Changes { get; private set; } = [];

    /// <summary>What is wrong with the version's stored bytes; null where they are sound.</summary>
    public string? Damage { get; private set; }

    /// <summary>Why it was not done.</summary>
    public string? Problem { get; private set; }

    /// <summary>The gate did not promote this version, so that somebody has to force it.</summary>
    public bool NeedsForce => Action == AliasAction.Promote && Version.Gate.Verdict != Verdict.Promote;

    public Task<IActionResult> OnGetAsync(int version, string deed, CancellationToken cancellationToken) => Show(version, deed, cancellationToken);

    /// <param name="seen">The version that had the alias when the page was shown.</param>
    public async Task<IActionResult> OnPostAsync(int version, string deed, int? seen, CancellationToken cancellationToken)
    {
        try
        {
            var decision = new AliasDecision(AuditLog.NameOf(User), Reason ?? "", Force, seen);
            var changes = await AliasAction.Named(deed).Execute(registry, version, decision, cancellationToken);
            Message = string.Join(" ", changes.Select(change => $"Alias {change.Alias}: {Name(change.From)} → {Name(change.To)}."));
            return RedirectToPage("Version", null, new { version }, "aliases");

            static string Name(int? version) => version is { } number ? $"version {number}" : "no version";
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
        (Version, Action, Damage) = (found, AliasAction.Named(deed), registry.ProblemOf(found));
        Holders = await registry.Holders(cancellation);
        Changes = Action.Changes(Holders, version);
        ModelState.Clear(); // what the form shows again is the model's
        return Page();
    }
}

/// <summary>What a person can do with the aliases, each by a page that asks for confirmation: <c>/models/{version}/{name}</c>.</summary>
/// <param name="Alias">The alias that it is about.</param>
/// <param name="Title">"Put version {0} in service".</param>
/// <param name="Button">"Promote version {0}".</param>
/// <param name="Changes">What it would do.</param>
public sealed record AliasAction(
    string Name, string Alias, string Title, string Button, Func<AliasHolders, int, IReadOnlyList<AliasChange>> Changes,
    Func<ModelRegistry, int, AliasDecision, CancellationToken, Task<IReadOnlyList<AliasChange>>> Execute)
{
    public static AliasAction Promote { get; } = new(
        "promote", ModelAliases.Champion, "Put version {0} in service", "Promote version {0}",
        (holders, version) => holders.Promoting(version), (registry, version, decision, cancellation) => registry.Promote(version, decision, cancellation));

    public static AliasAction RollBack { get; } = new(
        "rollback", ModelAliases.Champion, "Roll back to version {0}", "Roll back to version {0}",
        (holders, version) => holders.Previous == version ? holders.Promoting(version) : [], (registry, _, decision, cancellation) => registry.RollBack(decision, cancellation));

    public static AliasAction Challenge { get; } = new(
        "challenge", ModelAliases.Challenger, "Make version {0} challenger", "Make version {0} challenger",
        (holders, version) => holders.Challenging(version), (registry, version, decision, cancellation) => registry.Challenge(version, decision, cancellation));

    public static AliasAction Withdraw { get; } = new(
        "withdraw", ModelAliases.Challenger, "Version {0} is to be challenger no more", "Take the alias away",
        (holders, version) => holders.Challenger == version ? holders.Withdrawing() : [], (registry, _, decision, cancellation) => registry.Withdraw(decision, cancellation));

    private static IReadOnlyList<AliasAction> All { get; } = [Promote, RollBack, Challenge, Withdraw];

    /// <param name="name">One of those that the page's route lets through.</param>
    public static AliasAction Named(string name) => All.Single(action => action.Name == name);

    /// <summary>What can be done with a version as things stand.</summary>
    public static IEnumerable<AliasAction> OpenTo(int version, AliasHolders holders)
    {
        if (holders.Previous == version)
            yield return RollBack;
        else if (holders.Champion != version)
            yield return Promote;
        if (holders.Challenger == version)
            yield return Withdraw;
        else if (holders.Champion != version)
            yield return Challenge;
    }

    /// <summary>A text of an action with the version's number.</summary>
    public static string With(string text, int version) => text.Replace("{0}", FormattableString.Invariant($"{version}"), StringComparison.Ordinal);
}
