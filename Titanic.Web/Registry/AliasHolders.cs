namespace Titanic.Web.Registry;

/// <summary>Which version each alias names; null where none. Says what a move would change, for who is asked to confirm it and for who does it.</summary>
public sealed record AliasHolders(int? Champion, int? Challenger, int? Previous)
{
    public int? this[string alias] => alias switch
    {
        ModelAliases.Champion => Champion,
        ModelAliases.Challenger => Challenger,
        ModelAliases.Previous => Previous,
        _ => throw new ArgumentException(ModelAliases.Missing(alias), nameof(alias)),
    };

    public IEnumerable<string> NamesOf(int version) => ModelAliases.All.Where(alias => this[alias] == version);

    /// <summary>The champion before becomes <see cref="ModelAliases.Previous"/>, and who becomes champion is no challenger any more.</summary>
    public IReadOnlyList<AliasChange> Promoting(int version) => Changes(
        (ModelAliases.Champion, version),
        (ModelAliases.Previous, Champion is null || Champion == version ? Previous : Champion),
        (ModelAliases.Challenger, Challenger == version ? null : Challenger));

    public IReadOnlyList<AliasChange> Challenging(int version) => Changes((ModelAliases.Challenger, version));

    public IReadOnlyList<AliasChange> Withdrawing() => Changes((ModelAliases.Challenger, null));

    private IReadOnlyList<AliasChange> Changes(params (string Alias, int? To)[] then) =>
        [.. then.Where(one => this[one.Alias] != one.To).Select(one => new AliasChange(one.Alias, this[one.Alias], one.To))];
}

/// <summary>What a move does to one alias; null is no version.</summary>
public sealed record AliasChange([property: ModelAlias] string Alias, int? From, int? To);

/// <summary>Who moves an alias, and why.</summary>
/// <param name="Force">Put a version in service that its gate did not promote.</param>
/// <param name="Seen">The version that the alias named when the decision was made; where that has changed, the move is refused. Null: whatever it names.</param>
public sealed record AliasDecision(string By, string Reason, bool Force = false, int? Seen = null)
{
    public const int LongestReason = 500;

    /// <exception cref="RegistryRefusedException">There is no reason, or one that cannot be kept.</exception>
    internal AliasDecision WithSoundReason() => this with { Reason = PlainText.Require("reason", Reason, 1, LongestReason) };
}
