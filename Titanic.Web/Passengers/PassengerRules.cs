using System.Globalization;

namespace Titanic.Web.Passengers;

/// <summary>The rules for single rows of files; the limits are <see cref="PassengerLimits"/>.</summary>
public static class PassengerRules
{
    public static PassengerRule WellFormed { get; } = new("row_is_well_formed", RuleKind.Form, null, "quotes as in RFC 4180, one cell per column, no control characters");
    public static PassengerRule IdIsNumber { get; } = new("passenger_id_is_whole_number", RuleKind.Type, "PassengerId", "a whole number from 1 to 9223372036854775807");
    public static PassengerRule IdIsUnique { get; } = new("passenger_id_is_unique", RuleKind.Uniqueness, "PassengerId", "each id once in a file");
    public static PassengerRule SurvivedInSet { get; } = new("survived_in_set", RuleKind.Set, "Survived", "0 or 1");
    public static PassengerRule PclassInSet { get; } = new("pclass_in_set", RuleKind.Set, "Pclass", PassengerLimits.AllowedPclass);
    public static PassengerRule NameIsGiven { get; } = new("name_is_given", RuleKind.Completeness, "Name", "not empty");
    public static PassengerRule NameLength { get; } = new("name_length", RuleKind.Length, "Name", AtMost(PassengerLimits.MaximumNameLength));
    public static PassengerRule SexInSet { get; } = new("sex_in_set", RuleKind.Set, "Sex", PassengerLimits.AllowedSex);
    public static PassengerRule AgeInRange { get; } = new("age_in_range", RuleKind.Range, "Age", Decimal(PassengerLimits.AllowedAge));
    public static PassengerRule FareInRange { get; } = new("fare_in_range", RuleKind.Range, "Fare", Decimal(PassengerLimits.AllowedFare));
    public static PassengerRule TicketLength { get; } = new("ticket_length", RuleKind.Length, "Ticket", AtMost(PassengerLimits.MaximumTicketLength));
    public static PassengerRule CabinLength { get; } = new("cabin_length", RuleKind.Length, "Cabin", AtMost(PassengerLimits.MaximumCabinLength));
    public static PassengerRule EventTimeIsInstant { get; } = new("event_time_is_instant", RuleKind.Type, "EventTime", $"empty, a day such as 2026-11-23, which means its start in UTC, or {IsoTimestamp.Expects}");
    public static PassengerRule EventTimeIsOfThePast { get; } = new("event_time_is_of_the_past", RuleKind.Range, "EventTime", "not after now");

    public static IReadOnlyList<PassengerRule> All { get; } =
    [
        WellFormed, IdIsNumber, IdIsUnique, SurvivedInSet, PclassInSet, NameIsGiven, NameLength, SexInSet, AgeInRange, FareInRange, TicketLength, CabinLength, EventTimeIsInstant,
        EventTimeIsOfThePast,
    ];

    private static string AtMost(int length) => string.Create(CultureInfo.InvariantCulture, $"at most {length} characters");

    private static string Decimal(string range) => $"empty or a plain decimal number from {range}";
}

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

/// <summary>A rule that every row has to keep, whichever way it comes in.</summary>
/// <param name="Name">Stable; validation reports count by it.</param>
/// <param name="Column">The column it speaks of; null for the row as a whole.</param>
/// <param name="Expects">What is allowed, for people.</param>
public sealed record PassengerRule(string Name, RuleKind Kind, string? Column, string Expects);

public enum RuleKind
{
    /// <summary>The row can be told apart into cells.</summary>
    Form,

    /// <summary>The text is a value of the column's type.</summary>
    Type,
    Range,
    Set,
    Length,

    /// <summary>A value is there.</summary>
    Completeness,
    Uniqueness,
}

/// <summary>What is wrong with one row: the broken rule, and a sentence that says what was seen and what is allowed.</summary>
public sealed record RowProblem(PassengerRule Rule, string Sentence);
