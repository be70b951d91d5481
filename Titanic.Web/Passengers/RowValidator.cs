using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titanic.Web.Passengers;

/// <summary>
/// Parses the cells of a row and collects all problems; the rules and messages are the same for CSV and JSON. Use one validator for all
/// rows of a file, because ids must be unique within a file.
/// </summary>
/// <param name="missing">How a missing value is written, for error texts; see <see cref="PassengerLimits.InvalidAge"/>.</param>
internal sealed class RowValidator(string missing = PassengerLimits.Empty)
{
    /// <summary>C0, DEL and C1 except line feed: a line break inside quotes is allowed and is read as a space.</summary>
    public static readonly SearchValues<char> ControlCharacters = SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Select(code => (char)code).Where(character => char.IsControl(character) && character != '\n')]);

    private static readonly SearchValues<char> _controlCharactersExceptTab = SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Select(code => (char)code).Where(character => char.IsControl(character) && character is not ('\n' or '\t'))]);

    private static readonly SearchValues<char> _keyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    private readonly DuplicateKeyTracker _keys = new();
    private readonly ContentKeys _contentKeys = new();
    private readonly List<RowProblem> _problems = [];
    private long _line;

    public bool IsValid => _problems.Count == 0;

    public IReadOnlyList<RowProblem> Problems() => [.. _problems];

    /// <summary>Clears the problems and checks the next row for control characters.</summary>
    /// <param name="line">See <see cref="PassengerRow.Line"/>.</param>
    /// <param name="row">The whole row as written in the file.</param>
    /// <param name="delimiter">The character between cells, which may be a TAB.</param>
    public void StartRow(long line, ReadOnlySpan<char> row, char delimiter = ',')
    {
        _line = line;
        _problems.Clear();
        var control = IndexOfControlCharacter(row, delimiter);
        if (control >= 0)
            AddFormatProblem(Invariant($"The row has the control character U+{(int)row[control]:X4}; it must be plain text."));
    }

    /// <summary>Adds a problem with the format of the whole row.</summary>
    public void AddFormatProblem(string message) => AddProblem(PassengerRules.RowIsWellFormed, message);

    /// <summary>The index of the first control character that is not the delimiter; negative if there is none.</summary>
    public static int IndexOfControlCharacter(ReadOnlySpan<char> text, char delimiter) =>
        text.IndexOfAny(delimiter == '\t' ? _controlCharactersExceptTab : ControlCharacters);

    /// <summary>
    /// Parses the id of a passenger; null for a missing value. It is a whole number, without leading zeros in the returned source key, or a
    /// text. A text must not look like a number, so that "1e5" or "-1" is not stored as a text by mistake.
    /// </summary>
    public string? ParseId(ReadOnlySpan<char> cell)
    {
        if (ValueText.IsMissing(cell))
            return null;
        return ParseKey(cell, "", PassengerRules.IdIsNumber);
    }

    /// <summary>Adds the key of a row without an id: it depends on the content of the row and on the number of equal rows before it.</summary>
    public Passenger WithKey(Passenger passenger) =>
        passenger.SourceKey.Length > 0 ? passenger : passenger with { SourceKey = _contentKeys.Next(passenger) };

    /// <summary>Parses the key of a stored passenger, which is an id as for <see cref="ParseId"/>.</summary>
    private string ParseKey(ReadOnlySpan<char> cell, string source, PassengerRule rule)
    {
        cell = ValueText.Trim(cell);
        var isNumber = ValueText.TryParseWhole(cell, out var id);
        if (isNumber ? id < 1 : !IsTextKey(cell))
        {
            AddProblem(rule, $"{rule.Subject} is {Quote(cell)}; it must be {rule.Expects}.");
            return "";
        }
        var key = isNumber ? FormatKey(id) : cell.ToString();
        if (!(isNumber ? _keys.Add(source, id) : _keys.Add(source, key)))
            AddProblem(PassengerRules.IdIsUnique, $"The passenger id {Excerpt.Truncate(key)} already occurs earlier in this file; each id may occur once.");
        return key;
    }

    /// <summary>A slash would end the key in an address, and an invisible character would make two keys look alike.</summary>
    private static bool IsTextKey(ReadOnlySpan<char> text)
    {
        var hasLetter = false;
        foreach (var character in text)
        {
            hasLetter |= char.IsLetter(character);
            if (character is '/' or '\\' || char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                return false;
        }
        return hasLetter && text.Length <= PassengerLimits.MaximumKeyLength && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
    }

    private string ParseSource(ReadOnlySpan<char> cell, string defaultSource)
    {
        cell = ValueText.IsMissing(cell) ? [] : ValueText.Trim(cell);
        if (cell.Length > PassengerLimits.MaximumKeyLength || cell.ContainsAnyExcept(_keyCharacters))
            AddProblem(OutcomeRules.SourceIsValid, $"The source is {Quote(cell)}; it must be {OutcomeRules.SourceIsValid.Expects}.");
        return cell.IsEmpty ? defaultSource : cell.ToString();
    }

    public AcceptedOutcome ParseOutcome(
        ReadOnlySpan<char> key, ReadOnlySpan<char> survived, ReadOnlySpan<char> source, ReadOnlySpan<char> knownAt, OutcomeOrigin origin)
    {
        var from = ParseSource(source, origin.Source);
        return new(_line, from, ParseKey(key, from, OutcomeRules.KeyIsValid), ParseSurvived(survived), ParseKnownAt(knownAt, origin.Now));
    }

    public bool ParseSurvived(ReadOnlySpan<char> cell) => Require(ValueText.ParseBoolean(cell), cell, PassengerRules.SurvivedInSet);

    /// <summary>Parses an outcome; null for a missing value: it is not known yet.</summary>
    public bool? ParseSurvivedIfKnown(ReadOnlySpan<char> cell) => ValueText.IsMissing(cell) ? null : ParseSurvived(cell);

    public int ParsePclass(ReadOnlySpan<char> cell) => Require(ValueText.ParsePclass(cell), cell, PassengerRules.PclassInSet);

    /// <summary>Parses a name; null for a missing value. Line breaks become blanks.</summary>
    public string? ParseName(ReadOnlySpan<char> cell)
    {
        if (ValueText.IsMissing(cell))
            return null;
        CheckLength(cell, PassengerLimits.MaximumNameLength, PassengerRules.NameLength);
        return IsValid ? cell.ToString().Replace('\n', ' ') : null;
    }

    /// <summary>
    /// Parses a declared person, without surrounding blanks; null for a missing value. A whole number is written as in a source key, so that
    /// "1.0" and "1" are the same person: pandas writes the whole numbers of a column with missing values as decimals.
    /// </summary>
    public string? ParsePerson(ReadOnlySpan<char> cell)
    {
        if (ValueText.IsMissing(cell))
            return null;
        if (ValueText.TryParseWhole(cell, out var number))
            return FormatKey(number);
        cell = ValueText.Trim(cell);
        CheckLength(cell, PassengerLimits.MaximumPersonLength, PassengerRules.PersonLength);
        return IsValid ? cell.ToString().Replace('\n', ' ') : null;
    }

    public Sex ParseSex(ReadOnlySpan<char> cell) => Require(ValueText.ParseSex(cell), cell, PassengerRules.SexInSet);

    public double? ParseAge(ReadOnlySpan<char> cell)
    {
        if (TryParseDecimal(cell, PassengerLimits.MaximumAgeInYears, out var years))
            return years;
        AddProblem(PassengerRules.AgeInRange, PassengerLimits.InvalidAge(Quote(cell), missing));
        return null;
    }

    public double? ParseFare(ReadOnlySpan<char> cell)
    {
        if (TryParseDecimal(cell, PassengerLimits.MaximumFareInPounds, out var pounds))
            return pounds;
        AddProblem(PassengerRules.FareInRange, PassengerLimits.InvalidFare(Quote(cell), missing));
        return null;
    }

    /// <summary>Parses a date or an instant that is not after <paramref name="now"/>; null for a missing value.</summary>
    public DateTimeOffset? ParseEventTime(ReadOnlySpan<char> cell, DateTimeOffset now)
    {
        if (ValueText.IsMissing(cell))
            return null;
        if (!IsoTimestamp.TryParseDateOrInstant(ValueText.Trim(cell), out var instant))
            AddProblem(PassengerRules.EventTimeIsInstant, $"The event time is {Quote(cell)}; it must be {PassengerRules.EventTimeIsInstant.Expects}.");
        else
            RequirePast(cell, instant, now, PassengerRules.EventTimeIsInPast);
        return instant;
    }

    /// <summary>
    /// Parses an instant; null for a missing value. A date is not allowed: its start is before the outcomes of that day became known.
    /// </summary>
    private DateTimeOffset? ParseKnownAt(ReadOnlySpan<char> cell, DateTimeOffset now)
    {
        if (ValueText.IsMissing(cell))
            return null;
        if (!IsoTimestamp.TryParse(ValueText.Trim(cell), out var instant))
            AddProblem(OutcomeRules.KnownAtIsInstant, $"The known-at time is {Quote(cell)}; it must be {OutcomeRules.KnownAtIsInstant.Expects}.");
        else
            RequirePast(cell, instant, now, OutcomeRules.KnownAtIsInPast);
        return instant;
    }

    /// <summary>Checks the length in Unicode code points.</summary>
    public void CheckLength(ReadOnlySpan<char> cell, int maximum, PassengerRule rule)
    {
        if (cell.Length <= maximum)
            return;
        // PostgreSQL counts code points, so a surrogate pair counts as one character.
        var length = cell.Length;
        foreach (var character in cell)
            length -= char.IsLowSurrogate(character) ? 1 : 0;
        if (length > maximum)
            AddProblem(rule, $"{rule.Subject} has {Quantity.Of(length, "character")}; it must have at most {Format.Count(maximum)}.");
    }

    private static string FormatKey(long id) => id.ToString(CultureInfo.InvariantCulture);

    private void RequirePast(ReadOnlySpan<char> cell, DateTimeOffset instant, DateTimeOffset now, PassengerRule rule)
    {
        if (instant > now)
            AddProblem(rule, $"{rule.Subject} is {Quote(cell)}; it must not be after now, {Invariant($"{now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}")}.");
    }

    private T Require<T>(T? value, ReadOnlySpan<char> cell, PassengerRule rule)
        where T : struct
    {
        if (value is { } found)
            return found;
        AddProblem(rule, $"{rule.Subject} is {Quote(cell)}; it must be {rule.Expects}.");
        return default; // the row is rejected because it has a problem
    }

    /// <summary>True for a missing value, which is null, and for a number from 0 to <paramref name="maximum"/>.</summary>
    private static bool TryParseDecimal(ReadOnlySpan<char> cell, double maximum, out double? value)
    {
        value = null;
        if (ValueText.IsMissing(cell))
            return true;
        if (!ValueText.TryParseDecimal(cell, out var number) || number > maximum)
            return false;
        value = number;
        return true;
    }

    private void AddProblem(PassengerRule rule, string message) => _problems.Add(new RowProblem(rule, message));

    /// <summary>An absent member of JSON is the default span, which differs from the span of an empty text.</summary>
    private string Quote(ReadOnlySpan<char> cell)
    {
        if (!cell.IsEmpty)
            return $"\"{Excerpt.Truncate(cell)}\"";
        return missing == PassengerLimits.Omitted && Unsafe.IsNullRef(ref MemoryMarshal.GetReference(cell)) ? "missing" : "empty";
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The rules for a row of a passenger file. The limits are in <see cref="PassengerLimits"/>.</summary>
public static class PassengerRules
{
    internal static string AllowedId { get; } =
        $"a whole number between 1 and 9,223,372,036,854,775,807, or a text with a letter of at most {PassengerLimits.MaximumKeyLength} characters, without slashes";

    public static PassengerRule RowIsWellFormed { get; } = new("row_is_well_formed", RuleKind.Format, null, "quotes as in RFC 4180, one cell per column, no control characters");
    public static PassengerRule IdIsNumber { get; } = new("passenger_id_is_whole_number", RuleKind.Type, "PassengerId", AllowedId);
    public static PassengerRule IdIsUnique { get; } = new("passenger_id_is_unique", RuleKind.Uniqueness, "PassengerId", "unique within the file");
    public static PassengerRule SurvivedInSet { get; } = new("survived_in_set", RuleKind.Set, "Survived", "0 or 1");
    public static PassengerRule PclassInSet { get; } = new("pclass_in_set", RuleKind.Set, "Pclass", PassengerLimits.AllowedPclass);
    public static PassengerRule NameLength { get; } = new("name_length", RuleKind.Length, "Name", MaximumCharacters(PassengerLimits.MaximumNameLength));
    public static PassengerRule PersonLength { get; } = new("person_length", RuleKind.Length, "Person", MaximumCharacters(PassengerLimits.MaximumPersonLength));
    public static PassengerRule SexInSet { get; } = new("sex_in_set", RuleKind.Set, "Sex", PassengerLimits.AllowedSex);
    public static PassengerRule AgeInRange { get; } = new("age_in_range", RuleKind.Range, "Age", PassengerLimits.AllowedAge(PassengerLimits.Empty));
    public static PassengerRule FareInRange { get; } = new("fare_in_range", RuleKind.Range, "Fare", PassengerLimits.AllowedFare(PassengerLimits.Empty));
    public static PassengerRule TicketLength { get; } = new("ticket_length", RuleKind.Length, "Ticket", MaximumCharacters(PassengerLimits.MaximumTicketLength));
    public static PassengerRule CabinLength { get; } = new("cabin_length", RuleKind.Length, "Cabin", MaximumCharacters(PassengerLimits.MaximumCabinLength));
    public static PassengerRule EventTimeIsInstant { get; } = new("event_time_is_instant", RuleKind.Type, "EventTime", $"empty, {IsoTimestamp.ExpectedDate} (its start in UTC), or {IsoTimestamp.ExpectedFormat}");
    public static PassengerRule EventTimeIsInPast { get; } = new("event_time_is_of_the_past", RuleKind.Range, "EventTime", "not later than now");

    public static IReadOnlyList<PassengerRule> All { get; } =
    [
        RowIsWellFormed, IdIsNumber, IdIsUnique, SurvivedInSet, PclassInSet, NameLength, SexInSet, AgeInRange, FareInRange, TicketLength, CabinLength, PersonLength,
        EventTimeIsInstant, EventTimeIsInPast,
    ];

    private static string MaximumCharacters(int length) => string.Create(CultureInfo.InvariantCulture, $"at most {length} characters");
}

/// <summary>The rules for a row of an outcome file.</summary>
public static class OutcomeRules
{
    public static PassengerRule KeyIsValid { get; } = new("passenger_key_is_plain", RuleKind.Type, "PassengerId", PassengerRules.AllowedId);
    public static PassengerRule SourceIsValid { get; } = new("source_is_plain", RuleKind.Type, "Source", $"empty or the name of a source, of at most {PassengerLimits.MaximumKeyLength} letters, digits, periods, underscores and hyphens");
    public static PassengerRule KnownAtIsInstant { get; } = new("known_at_is_instant", RuleKind.Type, "KnownAt", $"empty or {IsoTimestamp.ExpectedFormat}");
    public static PassengerRule KnownAtIsInPast { get; } = new("outcome_is_of_the_past", RuleKind.Range, "KnownAt", "not later than now");

    public static IReadOnlyList<PassengerRule> All { get; } =
        [PassengerRules.RowIsWellFormed, KeyIsValid, PassengerRules.IdIsUnique, SourceIsValid, PassengerRules.SurvivedInSet, KnownAtIsInstant, KnownAtIsInPast];
}

/// <summary>A rule for single rows, applied to every input format.</summary>
/// <param name="Name">Stable identifier; stored in validation reports.</param>
/// <param name="Column">The column that the rule checks; null if it checks the whole row.</param>
/// <param name="Expects">The values that are allowed, for messages.</param>
public sealed record PassengerRule(string Name, RuleKind Kind, string? Column, string Expects)
{
    /// <summary>The value that the rule checks, as the subject of a message: "The class".</summary>
    internal string Subject => Column is null ? "The row" : $"The {ValueNameOf(Column)}";

    /// <summary>The value of a column in a message: "class" of "Pclass".</summary>
    internal static string ValueNameOf(string column) => column switch
    {
        "PassengerId" => "passenger id",
        "Pclass" => "class",
        "Survived" => "outcome",
        "EventTime" => "event time",
        "KnownAt" => "known-at time",
        _ => column.ToLowerInvariant(),
    };
}

/// <summary>The property of a row that a rule checks.</summary>
public enum RuleKind
{
    /// <summary>The row can be split into cells.</summary>
    Format,

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
public sealed record RowProblem(PassengerRule Rule, string Message);

/// <summary>
/// Parses numbers of ASCII digits with at most one decimal point, which needs digits on both sides. The grammar is checked first,
/// because the .NET parser can read "7,25" as 725 and "1e400" as Infinity, and accepts "NaN" and trailing NUL characters.
/// </summary>
internal static class PlainNumber
{
    /// <summary>Digits of the largest long. A number with more digits is too large for every value; messages quote it as written.</summary>
    private const int MaximumWholeDigits = 19;

    public static bool TryParseDecimal(ReadOnlySpan<char> text, out double value)
    {
        value = 0;
        var point = text.IndexOf('.');
        var wellFormed = point < 0
            ? AreDigits(text)
            : AreDigits(text[..point]) && AreDigits(text[(point + 1)..]);
        return wellFormed && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);
    }

    public static bool TryParseInteger(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        return AreDigits(text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>
    /// Writes a JSON number, whose grammar has a sign and an exponent (RFC 8259, section 6), in plain digits: "1e2" as "100". A number that
    /// cannot be a valid value, because it is negative or has a great exponent, is returned unchanged. A number with a fraction or an exponent
    /// has the value of the nearest 64-bit number, as in predictions.
    /// </summary>
    public static string OfJson(string written)
    {
        var number = written;
        if (written.AsSpan().ContainsAny('.', 'e', 'E') && double.Parse(written, NumberStyles.Float, CultureInfo.InvariantCulture) is var nearest && double.IsFinite(nearest))
            number = nearest.ToString("R", CultureInfo.InvariantCulture);
        var digits = number.AsSpan().TrimStart('-');
        var end = digits.IndexOfAny('e', 'E');
        var exponent = 0;
        if (end >= 0 && (!int.TryParse(digits[(end + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
            || Math.Abs(exponent) > 400))
            return written;
        var mantissa = end < 0 ? digits : digits[..end];
        if (digits.Length < number.Length && mantissa.ContainsAnyExcept('0', '.'))
            return written; // negative; "-0" is zero
        if (end < 0)
            return mantissa.ToString();
        var point = mantissa.IndexOf('.');
        var all = string.Concat(mantissa[..(point < 0 ? mantissa.Length : point)], point < 0 ? [] : mantissa[(point + 1)..]);
        var whole = (point < 0 ? mantissa.Length : point) + exponent; // the number of digits before the point
        if (whole <= 0)
            return $"0.{new string('0', -whole)}{all}";
        if (whole - (all.Length - all.AsSpan().TrimStart('0').Length) > MaximumWholeDigits && all.AsSpan().ContainsAnyExcept('0'))
            return written;
        return whole >= all.Length ? all.PadRight(whole, '0') : $"{all[..whole]}.{all[whole..]}";
    }

    private static bool AreDigits(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange('0', '9');
}
