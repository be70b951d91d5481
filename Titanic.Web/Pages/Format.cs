using System.Globalization;

namespace Titanic.Web.Pages;

/// <summary>How every page writes a figure, so that the same value looks the same everywhere.</summary>
public static class Format
{
    /// <summary>What stands where a value is unknown or undefined.</summary>
    public const string Nothing = "–";

    /// <param name="share">0..1, shown as "79.8 %".</param>
    public static string Percent(double? share) => Text(share, "0.0", 100, "\u00a0%");

    /// <summary>A plain figure such as a log loss: "0.450".</summary>
    public static string Number(double? value) => Text(value, "0.000", 1, "");

    /// <summary>A figure whose small differences count, such as a Brier score: "0.1420".</summary>
    public static string TenThousandths(double? value) => Text(value, "0.0000", 1, "");

    /// <summary>A difference with its sign: "+0.0012", "−0.0031".</summary>
    public static string Difference(double? value) => Text(value, "+0.0000;\u22120.0000;0.0000", 1, "");

    /// <summary>A figure of a measure, such as a mean of ages: "29.88".</summary>
    public static string Hundredths(double? value) => Text(value, "0.00", 1, "");

    /// <summary>A value as the model sees it: "2", "3.480615".</summary>
    public static string Encoded(double value) => Text(value, "0.######", 1, "");

    /// <summary>"1,309".</summary>
    public static string Count(double? rows) => Text(rows, "#,##0.#", 1, "");

    /// <summary>"1 row", "1,309 rows".</summary>
    /// <param name="one">The word for one, which takes an s for more.</param>
    public static string Counted(double count, string one) => $"{Count(count)} {one}{(count == 1 ? "" : "s")}";

    /// <summary>"0.75", "29".</summary>
    public static string Years(double? years) => Text(years, "0.####", 1, "");

    /// <summary>"£100", "£59.20".</summary>
    public static string Pounds(double? pounds) =>
        pounds is null ? Nothing : "£" + Text(pounds, double.IsInteger(pounds.Value) ? "#,##0" : "#,##0.00", 1, "");

    /// <summary>"2026-11-23 14:05 UTC".</summary>
    public static string Moment(DateTimeOffset? moment) =>
        moment?.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) ?? Nothing;

    /// <summary>"2026-11-23".</summary>
    public static string Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? Nothing;

    /// <summary>"420 ms", "3.2 s", "2 min 5 s".</summary>
    public static string Duration(TimeSpan? duration) => duration switch
    {
        null => Nothing,
        { TotalSeconds: < 1 } brief => string.Create(CultureInfo.InvariantCulture, $"{brief.TotalMilliseconds:0}\u00a0ms"),
        { TotalMinutes: < 1 } seconds => string.Create(CultureInfo.InvariantCulture, $"{seconds.TotalSeconds:0.0}\u00a0s"),
        { } minutes => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(minutes.TotalMinutes):0}\u00a0min {minutes.Seconds}\u00a0s"),
    };

    /// <summary>How long ago, in the largest unit that fits: "just now", "5 min ago", "3 h ago", "12 days ago".</summary>
    public static string Ago(TimeSpan past) => past switch
    {
        { TotalMinutes: < 1 } => "just now",
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)past.TotalMinutes}\u00a0min ago"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)past.TotalHours}\u00a0h ago"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)past.TotalDays}\u00a0day{((int)past.TotalDays == 1 ? "" : "s")} ago"),
    };

    private static string Text(double? value, string format, double times, string unit) =>
        value is null ? Nothing : (value.Value * times).ToString(format, CultureInfo.InvariantCulture) + unit;
}
