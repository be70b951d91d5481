using System.Globalization;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>What every ingestion into the feature group has to keep: rules for single rows, and bounds for the set of good rows.</summary>
public static class Expectations
{
    /// <summary>Below this many good rows the shares of a set say nothing, and its expectations are not evaluated.</summary>
    public const int MinimumRows = 100;

    public static IReadOnlyList<PassengerRule> OfRows => PassengerRules.All;

    public static PassengerRule PassengerIsKnown { get; } = new("passenger_is_known", RuleKind.Set, "PassengerId", "a key that a current passenger of the source has");

    public static IReadOnlyList<PassengerRule> OfOutcomes { get; } = [.. OutcomeRules.All, PassengerIsKnown];

    /// <summary>Wide enough for any honest list: history has 80 % of the ages, 36 % women, 25, 21 and 54 % in the classes, 38 % survivors.</summary>
    public static IReadOnlyList<SetExpectation> OfSets { get; } =
    [
        new("age_completeness", "Age", "avg((age is not null)::int)", 0.5, 1),
        new("fare_completeness", "Fare", "avg((fare is not null)::int)", 0.9, 1),
        new("share_of_women", "Sex", $"avg((sex = '{SexConverter.Format(Sex.Female)}')::int)", 0.05, 0.95),
        new("share_of_first_class", "Pclass", "avg((pclass = 1)::int)", 0, 0.9),
        new("share_of_third_class", "Pclass", "avg((pclass = 3)::int)", 0, 0.95),
        new("share_of_survivors", "Survived", "avg(survived::int)", 0.02, 0.98),
    ];
}

/// <summary>A bound for a measure of all good rows of an ingestion together.</summary>
/// <param name="Measure">SQL over the staged rows, 0..1; null where it is undefined.</param>
/// <param name="Least">Inclusive.</param>
/// <param name="Most">Inclusive.</param>
public sealed record SetExpectation(string Name, string Column, string Measure, double Least, double Most)
{
    internal static string Warning(ExpectationResult broken) =>
        string.Create(CultureInfo.InvariantCulture, $"{broken.Expectation} is {broken.Observed:0.####}; expected is {broken.Expects}.");

    public string Expects => string.Create(CultureInfo.InvariantCulture, $"a share from {Least} to {Most}, given at least {Expectations.MinimumRows} good rows");

    /// <summary>Null when the measure is undefined or there are too few rows.</summary>
    public bool? IsMetBy(double? measured, int rows) => rows < Expectations.MinimumRows || measured is not { } share ? null : share >= Least && share <= Most;
}
