namespace Titanic.Web.Registry;

/// <summary>Who moves an alias, and why.</summary>
/// <param name="Force">Put a version in service that its gate did not promote.</param>
/// <param name="Seen">The version that the alias named when the decision was made; where that has changed, the move is refused. Null: whatever it names.</param>
public sealed record AliasDecision(string By, string Reason, bool Force = false, int? Seen = null)
{
    public const int LongestReason = 500;

    /// <exception cref="RegistryRefusedException">There is no reason, or one that cannot be kept.</exception>
    internal AliasDecision WithSoundReason() => this with { Reason = PlainText.Require("reason", Reason, 1, LongestReason) };
}
