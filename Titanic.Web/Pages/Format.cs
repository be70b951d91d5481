using System.Globalization;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Pages;

/// <summary>
/// The text of every value on a page, so that equal values have the same text everywhere. Numbers have a decimal point, thousands separated
/// by commas and a true minus sign (U+2212). Null returns <see cref="Missing"/>.
/// </summary>
public static class Format
{
    /// <summary>The text of a value that is unknown or undefined.</summary>
    public const string Missing = "–";

    private const int DaysPerYear = 365;
    private const int MonthsPerYear = 12;

    /// <param name="share">0..1, written as "79.8%".</param>
    public static string Percent(double? share) => Text(share, "0.0", 100, "%");

    /// <summary>Three decimals, for example "0.450".</summary>
    public static string ThreeDecimals(double? value) => Text(value, "0.000");

    /// <summary>Four decimals, for metrics whose small differences matter, for example the Brier score "0.1420".</summary>
    public static string FourDecimals(double? value) => Text(value, "0.0000");

    /// <summary>A signed difference: "+0.0012", "−0.0031".</summary>
    public static string Difference(double? value) => Text(value, "+0.0000;-0.0000;0.0000");

    /// <summary>Two decimals, for example the mean age "29.88".</summary>
    public static string TwoDecimals(double? value) => Text(value, "0.00");

    /// <summary>An encoded feature value: "2", "3.480615".</summary>
    public static string EncodedValue(double value) => Text(value, "0.######");

    /// <summary>A p-value with its symbol, for sentences: "p = 0.0187", "p &lt; 0.0001".</summary>
    public static string PValue(double? value) => value is { } p ? PairedComparison.DescribePValue(p) : Missing;

    /// <summary>A p-value for a table column whose heading is "p": "0.0187", "&lt; 0.0001".</summary>
    public static string PValueCell(double? value) => value is { } p ? PairedComparison.FormatPValue(p) : Missing;

    /// <summary>"1,309"; a mean of counts has one decimal: "718.6".</summary>
    public static string Count(double? count) => Text(count, "#,##0.#");

    /// <summary>Up to four decimals, for example the edge of a bin: "0.75", "29".</summary>
    public static string Decimal(double? value) => Text(value, "0.####");

    /// <summary>"29 years", "1 year"; in months below one year: "2 months".</summary>
    public static string Age(double? years) => years switch
    {
        null => Missing,
        < 1 and > 0 and < 0.5 / MonthsPerYear => "under 1 month",
        < 1 => Quantity.Of(Math.Min(MonthsPerYear - 1, (long)Math.Round(years.Value * MonthsPerYear)), "month"),
        _ => $"{Decimal(years)} {(years == 1 ? "year" : "years")}",
    };

    /// <summary>Whole pounds without decimals, otherwise two: "£100", "£59.20".</summary>
    public static string Pounds(double? pounds) =>
        pounds is null ? Missing : "£" + Text(pounds, double.IsInteger(pounds.Value) ? "#,##0" : "#,##0.00");

    /// <summary>
    /// "2026-11-23 14:05 UTC". In markup, use the tag <c>utc-time</c>: it adds the relative time and the viewer's local time.
    /// </summary>
    /// <param name="seconds">Whether the seconds are shown, for lists whose order matters: "2026-11-23 14:05:59 UTC".</param>
    public static string UtcTime(DateTimeOffset? time, bool seconds = false) =>
        time?.UtcDateTime.ToString(seconds ? "yyyy-MM-dd HH:mm:ss 'UTC'" : "yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) ?? Missing;

    /// <summary>"2026-11-23".</summary>
    public static string Date(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? Missing;

    /// <summary>"420 ms", "3.2 s", "2 min 5 s".</summary>
    public static string Duration(TimeSpan? duration) => duration switch
    {
        null => Missing,
        { TotalSeconds: < 1 } brief => string.Create(CultureInfo.InvariantCulture, $"{brief.TotalMilliseconds:0}\u00a0ms"),
        { TotalMinutes: < 1 } seconds => string.Create(CultureInfo.InvariantCulture, $"{seconds.TotalSeconds:0.0}\u00a0s"),
        { } minutes => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(minutes.TotalMinutes):0}\u00a0min {minutes.Seconds}\u00a0s"),
    };

    /// <summary>
    /// The time since an event, in the largest unit that fits: "just now", "5 min ago", "3 h ago", "12 days ago", "2 years ago". The script
    /// <c>utc-time.js</c> uses the same units.
    /// </summary>
    public static string Ago(TimeSpan elapsed) => elapsed switch
    {
        { TotalMinutes: < 1 } => "just now",
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)elapsed.TotalMinutes}\u00a0min ago"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)elapsed.TotalHours}\u00a0h ago"),
        { TotalDays: < 2 * DaysPerYear } => $"{Quantity.Of((int)elapsed.TotalDays, "day").Replace(' ', '\u00a0')} ago",
        _ => $"{Quantity.Of((int)elapsed.TotalDays / DaysPerYear, "year").Replace(' ', '\u00a0')} ago",
    };

    /// <summary>A value that rounds to zero has no sign.</summary>
    private static string Text(double? value, string format, double factor = 1, string unit = "")
    {
        if (value is null)
            return Missing;
        var text = (value.Value * factor).ToString(format, CultureInfo.InvariantCulture);
        if (text.StartsWith('-'))
            text = text.AsSpan().ContainsAnyInRange('1', '9') ? "\u2212" + text[1..] : text[1..];
        return text + unit;
    }
}
