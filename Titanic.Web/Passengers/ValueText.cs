using System.Globalization;

namespace Titanic.Web.Passengers;

/// <summary>
/// Parses the text of one value: a CSV cell, a JSON string, a field of the form or an element of a BYTES tensor. Every entry point uses
/// these spellings; ADR 0069 lists them. Blanks around a value are ignored.
/// </summary>
internal static class ValueText
{
    private static readonly string[] _missing = ["NA", "N/A", "NaN", "null", "None", "?", "<NA>"];
    private static readonly string[][] _classes = [["1st", "First"], ["2nd", "Second"], ["3rd", "Third"]];
    private static readonly string[] _true = ["true", "yes"], _false = ["false", "no"];

    /// <summary>True for an empty text and the spellings of a missing value in pandas, R, databases and ARFF files, in any case.</summary>
    public static bool IsMissing(ReadOnlySpan<char> text)
    {
        text = Trim(text);
        return text.IsEmpty || IsOneOf(text, _missing);
    }

    /// <summary>Parses a decimal of ASCII digits; see <see cref="PlainNumber"/>.</summary>
    public static bool TryParseDecimal(ReadOnlySpan<char> text, out double value) => PlainNumber.TryParseDecimal(Trim(text), out value);

    /// <summary>Parses a whole number, also with a fraction of zeros, as programs write columns that have missing values: "1.0".</summary>
    public static bool TryParseWhole(ReadOnlySpan<char> text, out long value)
    {
        text = Trim(text);
        var point = text.IndexOf('.');
        if (point >= 0 && point < text.Length - 1 && !text[(point + 1)..].ContainsAnyExcept('0'))
            text = text[..point];
        return PlainNumber.TryParseInteger(text, out value);
    }

    /// <summary>Parses a passenger class: 1, 1.0, 1st or First, in any case; null for another text.</summary>
    public static int? ParsePclass(ReadOnlySpan<char> text)
    {
        if (TryParseWhole(text, out var number))
            return number is >= PassengerLimits.MinimumPclass and <= PassengerLimits.MaximumPclass ? (int)number : null;
        text = Trim(text);
        for (var index = 0; index < _classes.Length; index++)
        {
            if (IsOneOf(text, _classes[index]))
                return PassengerLimits.MinimumPclass + index;
        }
        return null;
    }

    /// <summary>Parses "male" or "female", in any case; null for another text (defect S11 of the original read it as "female").</summary>
    public static Sex? ParseSex(ReadOnlySpan<char> text) => SexConverter.ParseOrNull(Trim(text));

    /// <summary>Parses an outcome: 1, 1.0, true or yes; 0, 0.0, false or no; in any case. Null for another text.</summary>
    public static bool? ParseBoolean(ReadOnlySpan<char> text)
    {
        if (TryParseWhole(text, out var number))
            return number switch { 0 => false, 1 => true, _ => null };
        text = Trim(text);
        return IsOneOf(text, _true) ? true : IsOneOf(text, _false) ? false : null;
    }

    /// <summary>
    /// Replaces a decimal comma with a point, for text that a person types: "7,25" is 7.25. Returns any other text unchanged, also
    /// "7,925", which can be 7.925 or 7925, and text that is no number, so that the error shows it as typed.
    /// </summary>
    public static string WithDecimalPoint(string text)
    {
        var typed = Trim(text);
        var comma = typed.IndexOf(',');
        if (comma < 0)
            return text;
        var isGrouped = typed.Length == comma + 4 && comma <= 3 && typed[0] != '0';
        var point = text.Replace(',', '.');
        return isGrouped || !TryParseDecimal(point, out _) ? text : point;
    }

    /// <summary>Removes blanks at both ends: spaces of any kind and line breaks, but no control characters.</summary>
    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        while (text is [var first, ..] && IsBlank(first))
            text = text[1..];
        while (text is [.., var last] && IsBlank(last))
            text = text[..^1];
        return text;
    }

    private static bool IsBlank(char character) =>
        character is ' ' or '\n' or '\r' || (character > 127 && char.GetUnicodeCategory(character) == UnicodeCategory.SpaceSeparator);

    private static bool IsOneOf(ReadOnlySpan<char> text, string[] spellings)
    {
        foreach (var spelling in spellings)
        {
            if (text.Equals(spelling, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
