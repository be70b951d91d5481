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

    private static string Text(double? value, string format, double times, string unit) =>
        value is null ? Nothing : (value.Value * times).ToString(format, CultureInfo.InvariantCulture) + unit;
}
