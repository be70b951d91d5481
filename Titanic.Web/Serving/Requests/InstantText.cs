using System.Buffers.Text;

namespace Titanic.Web.Serving.Requests;

/// <summary>An instant as JSON writes it: "2026-11-25T04:29:07.123+00:00", without zeros at the end of the fraction.</summary>
internal static class InstantText
{
    public const int MostBytes = 33;

    private const int Fraction = 19, FractionDigits = 7;

    /// <returns>How many bytes were written.</returns>
    public static int Write(DateTimeOffset instant, Span<byte> to)
    {
        Utf8Formatter.TryFormat(instant, to, out var length, 'O');
        var end = Fraction + 1 + FractionDigits;
        while (to[end - 1] == '0')
            end--;
        if (end == Fraction + 1)
            end = Fraction; // not even the point
        to[(Fraction + 1 + FractionDigits)..length].CopyTo(to[end..]);
        return length - (Fraction + 1 + FractionDigits - end);
    }
}
