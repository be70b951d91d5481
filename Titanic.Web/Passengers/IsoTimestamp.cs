using System.Globalization;

namespace Titanic.Web.Passengers;

/// <summary>Formats and parses ISO 8601 timestamps. For parsing, an offset is required, because a local time without an offset is ambiguous.</summary>
public static class IsoTimestamp
{
    /// <summary>The format of a date, for messages.</summary>
    public const string ExpectedDate = "a date such as 2026-11-23";

    /// <summary>The format of an instant, for messages.</summary>
    public const string ExpectedFormat = "an instant with an offset, such as 2026-11-23T18:00:00Z or 2026-11-23T19:00:00+01:00";

    private static readonly string[] _formats =
        ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>In UTC with seconds: "2026-11-23T18:00:00Z".</summary>
    public static string Format(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Parses an instant with an offset; returns false for any other text.</summary>
    /// <param name="instant">In UTC, truncated to microseconds, the resolution of PostgreSQL.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset instant)
    {
        if (!DateTimeOffset.TryParseExact(text, _formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant)
            || !(text[^1] == 'Z' || text[^6] is '+' or '-')
            || instant == DateTimeOffset.MinValue) // Npgsql writes it as -infinity
            return false;
        var utc = instant.ToUniversalTime();
        instant = utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
        return true;
    }

    /// <summary>Parses a date such as 2026-11-23; returns false for any other text.</summary>
    public static bool TryParseDate(ReadOnlySpan<char> text, out DateOnly date) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);

    /// <summary>Parses a date such as 2026-11-23 or an instant with an offset.</summary>
    /// <param name="instant">In UTC; for a date the start of the day.</param>
    public static bool TryParseDateOrInstant(ReadOnlySpan<char> text, out DateTimeOffset instant)
    {
        if (!TryParseDate(text, out var day) || day == DateOnly.MinValue)
            return TryParse(text, out instant);
        instant = new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        return true;
    }
}
