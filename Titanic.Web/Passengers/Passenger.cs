namespace Titanic.Web.Passengers;

/// <summary>One person as a source tells it: raw values, nothing encoded.</summary>
/// <param name="SourceKey">The source's own key, unique within the source; it makes every ingestion idempotent.</param>
/// <param name="Pclass">1 (upper), 2 (middle) or 3 (lower).</param>
/// <param name="AgeInYears">From 0 to <see cref="PassengerLimits.MaximumAgeInYears"/>, or null where the source does not tell.</param>
/// <param name="FareInPounds">From 0 to <see cref="PassengerLimits.MaximumFareInPounds"/> pounds of 1912, or null where the source does not tell.</param>
/// <param name="Survived">The outcome, or null where it is not known yet.</param>
/// <param name="EventTime">When the passenger sailed; null where the source tells it for all of its passengers together.</param>
public sealed record Passenger(
    string SourceKey,
    string? Name,
    int Pclass,
    Sex Sex,
    double? AgeInYears,
    double? FareInPounds,
    bool? Survived,
    DateTimeOffset? EventTime = null);
