namespace Titanic.Web.Registry;

/// <summary>
/// The version that each alias names now; null for none. Computes the changes that a move would make, without making them.
/// </summary>
public sealed record CurrentAliases(int? Champion, int? Challenger, int? Previous)
{
    /// <exception cref="ArgumentException">The alias is unknown.</exception>
    public int? this[string alias] => alias switch
    {
        ModelAliases.Champion => Champion,
        ModelAliases.Challenger => Challenger,
        ModelAliases.Previous => Previous,
        _ => throw new ArgumentException(ModelAliases.NotFoundMessage(alias), nameof(alias)),
    };

    public IEnumerable<string> AliasesOf(int version) => ModelAliases.All.Where(alias => this[alias] == version);

    /// <summary>
    /// The changes that make a version champion: the former champion becomes <see cref="ModelAliases.Previous"/>, and a challenger that is
    /// promoted loses that alias. Empty when the version is champion already.
    /// </summary>
    public IReadOnlyList<AliasChange> ChangesToPromote(int version) => Changes(
        (ModelAliases.Champion, version),
        (ModelAliases.Previous, Champion is null || Champion == version ? Previous : Champion),
        (ModelAliases.Challenger, Challenger == version ? null : Challenger));

    public IReadOnlyList<AliasChange> ChangesToChallenge(int version) => Changes((ModelAliases.Challenger, version));

    public IReadOnlyList<AliasChange> ChangesToWithdraw() => Changes((ModelAliases.Challenger, null));

    private IReadOnlyList<AliasChange> Changes(params (string Alias, int? To)[] targets) =>
        [.. targets.Where(target => this[target.Alias] != target.To).Select(target => new AliasChange(target.Alias, this[target.Alias], target.To))];
}

/// <summary>The change of one alias; null means no version.</summary>
public sealed record AliasChange([property: ModelAlias] string Alias, int? From, int? To);

/// <summary>A manual alias move, or one of the promotion gate: who makes it, and why.</summary>
/// <param name="Force">Promotes a version even when its gate verdict is not <see cref="Verdict.Promote"/>.</param>
/// <param name="ExpectedVersion">
/// The version that the alias named when the decision was made; the move is rejected when it has changed. Null: no check.
/// </param>
public sealed record AliasDecision(string By, string Reason, bool Force = false, int? ExpectedVersion = null)
{
    public const int MaximumReasonLength = 500;

    /// <exception cref="RegistryException">The reason is missing, too long, or not plain text.</exception>
    internal AliasDecision WithValidReason() => this with { Reason = PlainText.Require("reason", Reason, 1, MaximumReasonLength) };
}
