using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Models;

/// <summary>What a person can do with the aliases, each by a page that asks for confirmation: <c>/models/{version}/{name}</c>.</summary>
/// <param name="Alias">The alias that it is about.</param>
/// <param name="Title">"Put version {0} in service".</param>
/// <param name="Button">"Promote version {0}".</param>
/// <param name="Changes">What it would do.</param>
public sealed record AliasDeed(
    string Name, string Alias, string Title, string Button, Func<AliasHolders, int, IReadOnlyList<AliasChange>> Changes,
    Func<ModelRegistry, int, AliasDecision, CancellationToken, Task<IReadOnlyList<AliasChange>>> Do)
{
    public static AliasDeed Promote { get; } = new(
        "promote", ModelAliases.Champion, "Put version {0} in service", "Promote version {0}",
        (holders, version) => holders.Promoting(version), (registry, version, decision, cancellation) => registry.Promote(version, decision, cancellation));

    public static AliasDeed RollBack { get; } = new(
        "rollback", ModelAliases.Champion, "Roll back to version {0}", "Roll back to version {0}",
        (holders, version) => holders.Previous == version ? holders.Promoting(version) : [], (registry, _, decision, cancellation) => registry.RollBack(decision, cancellation));

    public static AliasDeed Challenge { get; } = new(
        "challenge", ModelAliases.Challenger, "Make version {0} challenger", "Make version {0} challenger",
        (holders, version) => holders.Challenging(version), (registry, version, decision, cancellation) => registry.Challenge(version, decision, cancellation));

    public static AliasDeed Withdraw { get; } = new(
        "withdraw", ModelAliases.Challenger, "Version {0} is to be challenger no more", "Take the alias away",
        (holders, version) => holders.Challenger == version ? holders.Withdrawing() : [], (registry, _, decision, cancellation) => registry.Withdraw(decision, cancellation));

    public static IReadOnlyList<AliasDeed> All { get; } = [Promote, RollBack, Challenge, Withdraw];

    /// <summary>What can be done with a version as things stand.</summary>
    public static IEnumerable<AliasDeed> OpenTo(int version, AliasHolders holders)
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

    /// <summary>A text of this deed with the version's number.</summary>
    public static string With(string text, int version) => text.Replace("{0}", FormattableString.Invariant($"{version}"), StringComparison.Ordinal);
}
