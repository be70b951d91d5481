using System.Globalization;

namespace Titanic.Web.Passengers;

/// <summary>
/// Numbers as a passenger list may write them: ASCII digits and at most one decimal point with digits on both sides. The grammar is
/// checked before .NET parses, because .NET alone reads "7,25" as 725, "1e400" as Infinity, takes "NaN" and forgives trailing NULs.
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
