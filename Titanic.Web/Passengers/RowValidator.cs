using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Titanic.Web.Passengers;

/// <summary>
/// Parses the cells of a row and collects all problems; the rules and messages are the same for CSV and JSON. Use one validator for all
/// rows of a file, because ids must be unique within a file.
/// </summary>
internal sealed class RowValidator
{
    /// <summary>C0, DEL and C1 except line feed: a line break inside quotes is allowed and is read as a space.</summary>
    public static readonly SearchValues<char> ControlCharacters = SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Select(code => (char)code).Where(character => char.IsControl(character) && character != '\n')]);

    private static readonly SearchValues<char> _wordLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    private readonly DuplicateKeyTracker _seen = new();
    private readonly List<RowProblem> _problems = [];
    private long _line;

    public bool IsValid => _problems.Count == 0;

    public IReadOnlyList<RowProblem> Problems() => [.. _problems];

    /// <summary>Clears the problems and checks the next row for control characters.</summary>
    /// <param name="line">See <see cref="PassengerRow.Line"/>.</param>
    /// <param name="row">The whole row as written in the file.</param>
    public void Begin(long line, ReadOnlySpan<char> row)
    {
        _line = line;
        _problems.Clear();
        var control = row.IndexOfAny(ControlCharacters);
        if (control >= 0)
            Form(Sentence($"The row contains the control character U+{(int)row[control]:X4}, which is not allowed."));
    }

    /// <summary>Adds a problem with the format of the whole row.</summary>
    public void Form(string sentence) => Add(PassengerRules.WellFormed, sentence);

    /// <summary>Parses a passenger id; leading zeros are removed from the returned source key.</summary>
    public string Id(ReadOnlySpan<char> cell)
    {
        if (!PlainNumber.TryReadInteger(cell, out var id) || id < 1)
            Add(PassengerRules.IdIsNumber, $"PassengerId is {Shown(cell)}; it must be a whole number from 1 to 9223372036854775807.");
        else if (!_seen.Add("", id))
            Add(PassengerRules.IdIsUnique, Sentence($"PassengerId {id} already occurs earlier in this file; it must be unique, and only the first row is accepted."));
        return Key(id);
    }

    /// <summary>Parses the key of a stored passenger: a number as for <see cref="Id"/>, or a text key as in the simulated stream.</summary>
    private string KnownKey(ReadOnlySpan<char> cell, string source)
    {
        var isNumber = PlainNumber.TryReadInteger(cell, out var id);
        if (cell.Length is 0 or > PassengerLimits.MaximumKeyLength || cell.ContainsAnyExcept(_wordLetters) || (isNumber && id < 1))
        {
            Add(OutcomeRules.KeyIsPlain, $"PassengerId is {Shown(cell)}; it must be {OutcomeRules.KeyIsPlain.Expects}.");
            return "";
        }
        var key = isNumber ? Key(id) : cell.ToString();
        if (!(isNumber ? _seen.Add(source, id) : _seen.Add(source, key)))
            Add(PassengerRules.IdIsUnique, $"PassengerId {key} already occurs earlier in this file; it must be unique, and only the first row is accepted.");
        return key;
    }

    private string Source(ReadOnlySpan<char> cell, string otherwise)
    {
        if (cell.Length > PassengerLimits.MaximumKeyLength || cell.ContainsAnyExcept(_wordLetters))
            Add(OutcomeRules.SourceIsPlain, $"Source is {Shown(cell)}; it must be {OutcomeRules.SourceIsPlain.Expects}.");
        return cell.IsEmpty ? otherwise : cell.ToString();
    }

    public AcceptedOutcome Outcome(
        ReadOnlySpan<char> key, ReadOnlySpan<char> survived, ReadOnlySpan<char> source, ReadOnlySpan<char> knownAt, OutcomeOrigin origin)
    {
        var from = Source(source, origin.Source);
        return new(_line, from, KnownKey(key, from), Survived(survived), KnownAt(knownAt, origin.Now));
    }

    public bool Survived(ReadOnlySpan<char> cell) => Digit(cell, 0, 1, PassengerRules.SurvivedInSet) == 1;

    public int Pclass(ReadOnlySpan<char> cell) => Digit(cell, PassengerLimits.LowestPclass, PassengerLimits.HighestPclass, PassengerRules.PclassInSet);

    public string Name(ReadOnlySpan<char> cell)
    {
        if (cell.IsWhiteSpace())
            Add(PassengerRules.NameIsGiven, "Name is empty; it must be given.");
        Length(cell, PassengerLimits.MaximumNameLength, PassengerRules.NameLength);
        return IsValid ? cell.ToString().Replace('\n', ' ') : "";
    }

    public Sex Sex(ReadOnlySpan<char> cell)
    {
        if (SexConverter.Find(cell.Trim()) is { } sex)
            return sex;
        Add(PassengerRules.SexInSet, $"Sex is {Shown(cell)}; it must be {PassengerRules.SexInSet.Expects}.");
        return default; // the row is rejected because it has a problem
    }

    public double? Age(ReadOnlySpan<char> cell) => Decimal(cell, PassengerLimits.MaximumAgeInYears, PassengerRules.AgeInRange);

    public double? Fare(ReadOnlySpan<char> cell) => Decimal(cell, PassengerLimits.MaximumFareInPounds, PassengerRules.FareInRange);

    /// <summary>Parses a date or an instant that is not after <paramref name="now"/>; null for an empty cell.</summary>
    public DateTimeOffset? EventTime(ReadOnlySpan<char> cell, DateTimeOffset now)
    {
        if (cell.IsEmpty)
            return null;
        if (!IsoTimestamp.TryReadDayOrInstant(cell, out var instant))
            Add(PassengerRules.EventTimeIsInstant, $"EventTime is {Shown(cell)}; it must be {PassengerRules.EventTimeIsInstant.Expects}.");
        else
            RequirePast(cell, instant, now, PassengerRules.EventTimeIsOfThePast);
        return instant;
    }

    /// <summary>
    /// Parses an instant; null for an empty cell. A date is not allowed: its start is before the outcomes of that day became known.
    /// </summary>
    private DateTimeOffset? KnownAt(ReadOnlySpan<char> cell, DateTimeOffset now)
    {
        if (cell.IsEmpty)
            return null;
        if (!IsoTimestamp.TryRead(cell, out var instant))
            Add(OutcomeRules.KnownAtIsInstant, $"KnownAt is {Shown(cell)}; it must be {OutcomeRules.KnownAtIsInstant.Expects}.");
        else
            RequirePast(cell, instant, now, OutcomeRules.KnownAtIsOfThePast);
        return instant;
    }

    /// <summary>Checks the length in Unicode code points.</summary>
    public void Length(ReadOnlySpan<char> cell, int most, PassengerRule rule)
    {
        if (cell.Length <= most)
            return;
        // PostgreSQL counts code points, so a surrogate pair counts as one character.
        var length = cell.Length;
        foreach (var character in cell)
            length -= char.IsLowSurrogate(character) ? 1 : 0;
        if (length > most)
            Add(rule, Sentence($"{rule.Column} has {length} characters; at most {most} are allowed."));
    }

    private static string Key(long id) => id.ToString(CultureInfo.InvariantCulture);

    private void RequirePast(ReadOnlySpan<char> cell, DateTimeOffset instant, DateTimeOffset now, PassengerRule rule)
    {
        if (instant > now)
            Add(rule, $"{rule.Column} is {Shown(cell)}; it must not be after now, {Sentence($"{now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}")}.");
    }

    private int Digit(ReadOnlySpan<char> cell, int least, int most, PassengerRule rule)
    {
        if (cell.Length == 1 && cell[0] - '0' is var digit && digit >= least && digit <= most)
            return digit;
        Add(rule, $"{rule.Column} is {Shown(cell)}; it must be {rule.Expects}.");
        return 0;
    }

    private double? Decimal(ReadOnlySpan<char> cell, double most, PassengerRule rule)
    {
        if (cell.IsEmpty)
            return null;
        if (PlainNumber.TryReadDecimal(cell, out var value) && value <= most)
            return value;
        Add(rule, $"{rule.Column} is {Shown(cell)}; it must be {rule.Expects}, such as 29 or 0.75.");
        return null;
    }

    private void Add(PassengerRule rule, string sentence) => _problems.Add(new RowProblem(rule, sentence));

    private static string Shown(ReadOnlySpan<char> cell) => cell.IsEmpty ? "empty" : $"\"{Excerpt.Truncate(cell)}\"";

    private static string Sentence(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The rules for a row of a passenger file. The limits are in <see cref="PassengerLimits"/>.</summary>
public static class PassengerRules
{
    public static PassengerRule WellFormed { get; } = new("row_is_well_formed", RuleKind.Form, null, "quotes as in RFC 4180, one cell per column, no control characters");
    public static PassengerRule IdIsNumber { get; } = new("passenger_id_is_whole_number", RuleKind.Type, "PassengerId", "a whole number from 1 to 9223372036854775807");
    public static PassengerRule IdIsUnique { get; } = new("passenger_id_is_unique", RuleKind.Uniqueness, "PassengerId", "unique within the file");
    public static PassengerRule SurvivedInSet { get; } = new("survived_in_set", RuleKind.Set, "Survived", "0 or 1");
    public static PassengerRule PclassInSet { get; } = new("pclass_in_set", RuleKind.Set, "Pclass", PassengerLimits.AllowedPclass);
    public static PassengerRule NameIsGiven { get; } = new("name_is_given", RuleKind.Completeness, "Name", "not empty");
    public static PassengerRule NameLength { get; } = new("name_length", RuleKind.Length, "Name", AtMost(PassengerLimits.MaximumNameLength));
    public static PassengerRule SexInSet { get; } = new("sex_in_set", RuleKind.Set, "Sex", PassengerLimits.AllowedSex);
    public static PassengerRule AgeInRange { get; } = new("age_in_range", RuleKind.Range, "Age", Decimal(PassengerLimits.AllowedAge));
    public static PassengerRule FareInRange { get; } = new("fare_in_range", RuleKind.Range, "Fare", Decimal(PassengerLimits.AllowedFare));
    public static PassengerRule TicketLength { get; } = new("ticket_length", RuleKind.Length, "Ticket", AtMost(PassengerLimits.MaximumTicketLength));
    public static PassengerRule CabinLength { get; } = new("cabin_length", RuleKind.Length, "Cabin", AtMost(PassengerLimits.MaximumCabinLength));
    public static PassengerRule EventTimeIsInstant { get; } = new("event_time_is_instant", RuleKind.Type, "EventTime", $"empty, a day such as 2026-11-23 (its start in UTC), or {IsoTimestamp.Expects}");
    public static PassengerRule EventTimeIsOfThePast { get; } = new("event_time_is_of_the_past", RuleKind.Range, "EventTime", "not later than now");

    public static IReadOnlyList<PassengerRule> All { get; } =
    [
        WellFormed, IdIsNumber, IdIsUnique, SurvivedInSet, PclassInSet, NameIsGiven, NameLength, SexInSet, AgeInRange, FareInRange, TicketLength, CabinLength, EventTimeIsInstant,
        EventTimeIsOfThePast,
    ];

    private static string AtMost(int length) => string.Create(CultureInfo.InvariantCulture, $"at most {length} characters");

    private static string Decimal(string range) => $"empty or a plain decimal number from {range}";
}

/// <summary>The rules for a row of an outcome file.</summary>
public static class OutcomeRules
{
    public static PassengerRule KeyIsPlain { get; } = new("passenger_key_is_plain", RuleKind.Type, "PassengerId", $"a whole number from 1, or a key of at most {PassengerLimits.MaximumKeyLength} letters, digits, periods, underscores and hyphens");
    public static PassengerRule SourceIsPlain { get; } = new("source_is_plain", RuleKind.Type, "Source", $"empty or the name of a source, of at most {PassengerLimits.MaximumKeyLength} letters, digits, periods, underscores and hyphens");
    public static PassengerRule KnownAtIsInstant { get; } = new("known_at_is_instant", RuleKind.Type, "KnownAt", $"empty or {IsoTimestamp.Expects}");
    public static PassengerRule KnownAtIsOfThePast { get; } = new("outcome_is_of_the_past", RuleKind.Range, "KnownAt", "not later than now");

    public static IReadOnlyList<PassengerRule> All { get; } =
        [PassengerRules.WellFormed, KeyIsPlain, PassengerRules.IdIsUnique, SourceIsPlain, PassengerRules.SurvivedInSet, KnownAtIsInstant, KnownAtIsOfThePast];
}

/// <summary>A rule for single rows, applied to every input format.</summary>
/// <param name="Name">Stable identifier; stored in validation reports.</param>
/// <param name="Column">The column that the rule checks; null if it checks the whole row.</param>
/// <param name="Expects">The values that are allowed, for messages.</param>
public sealed record PassengerRule(string Name, RuleKind Kind, string? Column, string Expects);

/// <summary>The property of a row that a rule checks.</summary>
public enum RuleKind
{
    /// <summary>The row can be split into cells.</summary>
    Form,

    /// <summary>The cell is a value of the column's type.</summary>
    Type,
    Range,
    Set,
    Length,

    /// <summary>The cell is not empty.</summary>
    Completeness,
    Uniqueness,
}

/// <summary>One problem of a row: the rule that is broken, and a message with the value and the values allowed.</summary>
public sealed record RowProblem(PassengerRule Rule, string Sentence);

/// <summary>
/// Parses numbers of ASCII digits with at most one decimal point, which needs digits on both sides. The grammar is checked first,
/// because the .NET parser can read "7,25" as 725 and "1e400" as Infinity, and accepts "NaN" and trailing NUL characters.
/// </summary>
internal static class PlainNumber
{
    public static bool TryReadDecimal(ReadOnlySpan<char> text, out double value)
    {
        value = 0;
        var point = text.IndexOf('.');
        var wellFormed = point < 0
            ? AreDigits(text)
            : AreDigits(text[..point]) && AreDigits(text[(point + 1)..]);
        return wellFormed && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);
    }

    public static bool TryReadInteger(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        return AreDigits(text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private static bool AreDigits(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange('0', '9');
}

/// <summary>
/// Detects keys that occur twice in one file. Numeric keys are stored per source as one bit each, in 64-bit words: consecutive ids need
/// about half a byte per row, so a file of tens of millions of rows needs a few megabytes. Text keys are stored in a hash set.
/// </summary>
internal sealed class DuplicateKeyTracker
{
    private readonly Dictionary<string, Dictionary<long, ulong>> _numbers = [];
    private readonly HashSet<(string Source, string Key)> _words = [];

    /// <returns>False if the number was already added for this source.</returns>
    public bool Add(string source, long number)
    {
        ref var words = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, source, out _);
        ref var word = ref CollectionsMarshal.GetValueRefOrAddDefault(words ??= [], number >> 6, out _);
        var bit = 1UL << (int)(number & 63);
        if ((word & bit) != 0)
            return false;
        word |= bit;
        return true;
    }

    /// <returns>False if the key was already added for this source.</returns>
    public bool Add(string source, string key) => _words.Add((source, key));
}
