using System.Globalization;

namespace Titanic.Web.Passengers;

/// <summary>The input policy for single rows. Limits stand here and nowhere else; readers, database and pages take them from here.</summary>
public static class PassengerRules
{
    public const double MaximumAgeInYears = 120;
    public const double MaximumFareInPounds = 10_000;
    public const int MaximumNameLength = 200;
    public const int MaximumTicketLength = 50;

    public static PassengerRule WellFormed { get; } = new("row_is_well_formed", RuleKind.Form, null, "quotes as in RFC 4180, one cell per column, no control characters");
    public static PassengerRule IdIsNumber { get; } = new("passenger_id_is_whole_number", RuleKind.Type, "PassengerId", "a whole number from 1 to 9223372036854775807");
    public static PassengerRule IdIsUnique { get; } = new("passenger_id_is_unique", RuleKind.Uniqueness, "PassengerId", "each id once in a file");
    public static PassengerRule SurvivedInSet { get; } = new("survived_in_set", RuleKind.Set, "Survived", "0 or 1");
    public static PassengerRule PclassInSet { get; } = new("pclass_in_set", RuleKind.Set, "Pclass", "1, 2 or 3");
    public static PassengerRule NameIsGiven { get; } = new("name_is_given", RuleKind.Completeness, "Name", "not empty");
    public static PassengerRule NameLength { get; } = new("name_length", RuleKind.Length, "Name", AtMost(MaximumNameLength));
    public static PassengerRule SexInSet { get; } = new("sex_in_set", RuleKind.Set, "Sex", "male or female");
    public static PassengerRule AgeInRange { get; } = new("age_in_range", RuleKind.Range, "Age", Decimal(MaximumAgeInYears));
    public static PassengerRule FareInRange { get; } = new("fare_in_range", RuleKind.Range, "Fare", Decimal(MaximumFareInPounds));
    public static PassengerRule TicketLength { get; } = new("ticket_length", RuleKind.Length, "Ticket", AtMost(MaximumTicketLength));
    public static PassengerRule CabinLength { get; } = new("cabin_length", RuleKind.Length, "Cabin", AtMost(MaximumTicketLength));
    public static PassengerRule EventTimeIsInstant { get; } = new("event_time_is_instant", RuleKind.Type, "EventTime", $"empty, a day such as 2026-11-23, which means its start in UTC, or {WrittenInstant.Expects}");
    public static PassengerRule EventTimeIsOfThePast { get; } = new("event_time_is_of_the_past", RuleKind.Range, "EventTime", "not after now");

    public static IReadOnlyList<PassengerRule> All { get; } =
    [
        WellFormed, IdIsNumber, IdIsUnique, SurvivedInSet, PclassInSet, NameIsGiven, NameLength, SexInSet, AgeInRange, FareInRange, TicketLength, CabinLength, EventTimeIsInstant,
        EventTimeIsOfThePast,
    ];

    private static string AtMost(int length) => string.Create(CultureInfo.InvariantCulture, $"at most {length} characters");

    private static string Decimal(double most) => string.Create(CultureInfo.InvariantCulture, $"empty or a plain decimal number from 0 to {most}");
}
