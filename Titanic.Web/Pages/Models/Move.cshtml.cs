using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;
using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Models;

/// <summary>Shows the changes of an alias action and executes it after confirmation. Works without JavaScript.</summary>
[Authorize(AccessPolicies.Operator)]
public sealed class MoveModel(ModelRegistry registry) : OperatorPageModel
{
    /// <summary>The reason, stored in the alias history; required.</summary>
    [BindProperty]
    public string? Reason { get; set; }

    /// <summary>Promotes a version although its gate verdict is not PROMOTE.</summary>
    [BindProperty]
    public bool Force { get; set; }

    public ModelVersion Version { get; private set; } = null!;
    public AliasAction Action { get; private set; } = null!;
    public CurrentAliases Holders { get; private set; } = null!;
    public IReadOnlyList<AliasChange> Changes { get; private set; } = [];

    /// <summary>Why the stored artifact is corrupt; null if it is intact.</summary>
    public string? ArtifactProblem { get; private set; }

    /// <summary>Why the action failed; null if it did not.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether the promotion must be forced, because the gate verdict is not PROMOTE.</summary>
    public bool RequiresForce => Action == AliasAction.Promote && Version.Gate.Verdict != Verdict.Promote;

    public Task<IActionResult> OnGetAsync(int version, string operation, CancellationToken cancellationToken) => ShowPage(version, operation, cancellationToken);

    /// <param name="seen">The version of the alias when the form was shown; the action fails if it has changed since.</param>
    public async Task<IActionResult> OnPostAsync(int version, string operation, int? seen, CancellationToken cancellationToken)
    {
        try
        {
            var decision = new AliasDecision(AuditLog.CallerName(User), Reason ?? "", Force, seen);
            var changes = await AliasAction.ByName(operation).Execute(registry, version, decision, cancellationToken);
            Message = string.Join(" ", changes.Select(change => $"Alias {change.Alias}: {Name(change.From)} → {Name(change.To)}."));
            return RedirectToPage("Version", null, new { version }, "aliases");

            static string Name(int? version) => version is { } number ? $"version {number}" : "no version";
        }
        catch (RegistryException failure)
        {
            Problem = failure.Message;
            Response.StatusCode = RegistryProblems.StatusOf(failure.Kind);
            return await ShowPage(version, operation, cancellationToken);
        }
    }

    private async Task<IActionResult> ShowPage(int version, string actionName, CancellationToken cancellation)
    {
        if (await registry.Find(version, cancellation) is not { } found)
            return ErrorModel.NotFound(HttpContext, ModelRegistry.NotFoundMessage(version));
        (Version, Action, ArtifactProblem) = (found, AliasAction.ByName(actionName), registry.VerifyArtifact(found));
        Holders = await registry.ReadAliases(cancellation);
        Changes = Action.Changes(Holders, version);
        ModelState.Clear(); // the form shows the values of this model, not the posted ones
        return Page();
    }
}

/// <summary>An action on an alias. Each has a confirmation page, <c>/models/{version}/{name}</c>.</summary>
/// <param name="Name">The last segment of the URL.</param>
/// <param name="Alias">The alias that the action changes.</param>
/// <param name="Title">The page title, with {0} for the version number.</param>
/// <param name="Button">The button text, with {0} for the version number.</param>
/// <param name="Changes">Computes the alias changes without executing them.</param>
/// <param name="Execute">Executes the action and returns its alias changes.</param>
public sealed record AliasAction(
    string Name, string Alias, string Title, string Button, Func<CurrentAliases, int, IReadOnlyList<AliasChange>> Changes,
    Func<ModelRegistry, int, AliasDecision, CancellationToken, Task<IReadOnlyList<AliasChange>>> Execute)
{
    public static AliasAction Promote { get; } = new(
        "promote", ModelAliases.Champion, "Promote version {0}", "Promote version {0}",
        (holders, version) => holders.ChangesToPromote(version), (registry, version, decision, cancellation) => registry.Promote(version, decision, cancellation));

    public static AliasAction RollBack { get; } = new(
        "rollback", ModelAliases.Champion, "Roll back to version {0}", "Roll back to version {0}",
        (holders, version) => holders.Previous == version ? holders.ChangesToPromote(version) : [], (registry, _, decision, cancellation) => registry.RollBack(decision, cancellation));

    public static AliasAction Challenge { get; } = new(
        "challenge", ModelAliases.Challenger, "Set version {0} as challenger", "Set version {0} as challenger",
        (holders, version) => holders.ChangesToChallenge(version), (registry, version, decision, cancellation) => registry.Challenge(version, decision, cancellation));

    public static AliasAction Withdraw { get; } = new(
        "withdraw", ModelAliases.Challenger, "Remove challenger alias from version {0}", "Remove challenger alias",
        (holders, version) => holders.Challenger == version ? holders.ChangesToWithdraw() : [], (registry, _, decision, cancellation) => registry.Withdraw(decision, cancellation));

    private static IReadOnlyList<AliasAction> All { get; } = [Promote, RollBack, Challenge, Withdraw];

    /// <param name="name">One of the names that the route constraint of the page allows.</param>
    public static AliasAction ByName(string name) => All.Single(action => action.Name == name);

    /// <summary>The actions that would change an alias of a version now.</summary>
    public static IEnumerable<AliasAction> AvailableFor(int version, CurrentAliases holders)
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

    /// <summary>Replaces {0} in a text with the version number.</summary>
    public static string WithVersion(string text, int version) => text.Replace("{0}", FormattableString.Invariant($"{version}"), StringComparison.Ordinal);
}
