using System.Globalization;

namespace Titanic.Web.Passengers;

/// <summary>Instants as people and programs write them: ISO 8601 with an offset, since without one an instant could mean any of two dozen.</summary>
public static class IsoTimestamp
{
    public const string Expects = "an instant such as 2026-11-23T18:00:00Z, or with an offset such as +01:00";

    private static readonly string[] _forms =
        ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <param name="instant">In UTC, to the microsecond, which is PostgreSQL's resolution.</param>
    public static bool TryRead(ReadOnlySpan<char> text, out DateTimeOffset instant)
    {
        if (!DateTimeOffset.TryParseExact(text, _forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant)
            || !(text[^1] == 'Z' || text[^6] is '+' or '-')
            || instant == DateTimeOffset.MinValue) // which the database's driver takes for minus infinity
            return false;
        var utc = instant.ToUniversalTime();
        instant = utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
        return true;
    }

    /// <param name="instant">Of a day its start in UTC.</param>
    public static bool TryReadDayOrInstant(ReadOnlySpan<char> text, out DateTimeOffset instant)
    {
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) || day == DateOnly.MinValue)
            return TryRead(text, out instant);
        instant = new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        return true;
    }
}
