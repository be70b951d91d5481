namespace Titanic.Web.Passengers;

/// <summary>The input policy for outcomes that come without their passengers.</summary>
public static class OutcomeRules
{
    public static PassengerRule KeyIsPlain { get; } = new("passenger_key_is_plain", RuleKind.Type, "PassengerId", $"a whole number from 1, or a key of at most {PassengerLimits.MaximumKeyLength} letters, digits, points, underscores and hyphens");
    public static PassengerRule SourceIsPlain { get; } = new("source_is_plain", RuleKind.Type, "Source", $"empty or the name of a source, of at most {PassengerLimits.MaximumKeyLength} letters, digits, points, underscores and hyphens");
    public static PassengerRule KnownAtIsInstant { get; } = new("known_at_is_instant", RuleKind.Type, "KnownAt", $"empty or {IsoTimestamp.Expects}");
    public static PassengerRule KnownAtIsOfThePast { get; } = new("outcome_is_of_the_past", RuleKind.Range, "KnownAt", "not after now");

    public static IReadOnlyList<PassengerRule> All { get; } =
        [PassengerRules.WellFormed, KeyIsPlain, PassengerRules.IdIsUnique, SourceIsPlain, PassengerRules.SurvivedInSet, KnownAtIsInstant, KnownAtIsOfThePast];
}
