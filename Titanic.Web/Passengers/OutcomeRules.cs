namespace Titanic.Web.Passengers;

/// <summary>The input policy for outcomes that come without their passengers.</summary>
public static class OutcomeRules
{
    public static IReadOnlyList<PassengerRule> All { get; } = [PassengerRules.WellFormed, PassengerRules.SurvivedInSet];
}
