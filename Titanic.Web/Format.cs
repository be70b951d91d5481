using System.Globalization;

namespace Titanic.Web;

/// <summary>
/// The text of every value for people: on pages, in run results, gate reasons, model cards and command output, so that equal values have
/// the same text everywhere. Numbers have a decimal point, thousands separated by commas and a true minus sign (U+2212). Null returns
/// <see cref="Missing"/>.
/// </summary>
public static class Format
{
    /// <summary>The text of a value that is unknown or undefined.</summary>
    public const string Missing = "–";

    private const double SmallestPValue = 0.0001;
    private const int MonthsPerYear = 12;
    private const long BytesPerMebibyte = 1024 * 1024;

    /// <param name="share">0..1, written as "79.8%".</param>
    public static string Percent(double? share) => Text(share, "0.0", 100, "%");

    /// <summary>The uncertainty of a share in percentage points, without the unit: "0.5".</summary>
    /// <param name="share">0..1.</param>
    public static string Points(double? share) => Text(share, "0.0", 100);

    /// <summary>A signed difference of two shares in percentage points, without the unit: "+0.9", "−1.2".</summary>
    /// <param name="share">−1..1.</param>
    public static string PointDifference(double? share) => Text(share, "+0.0;-0.0;0.0", 100);

    /// <summary>Three decimals, for example the Brier score "0.142".</summary>
    public static string ThreeDecimals(double? value) => Text(value, "0.000");

    /// <summary>A signed difference of two numbers with three decimals: "+0.012", "−0.003".</summary>
    public static string Difference(double? value) => Text(value, "+0.000;-0.000;0.000");

    /// <summary>Two decimals, for example the mean age "29.88".</summary>
    public static string TwoDecimals(double? value) => Text(value, "0.00");

    /// <summary>An encoded feature value: "2", "3.480615".</summary>
    public static string EncodedValue(double value) => Text(value, "0.######");

    /// <summary>A p-value with its symbol, for sentences: "p = 0.0187", "p &lt; 0.0001".</summary>
    public static string PValue(double? value) => value switch
    {
        null => Missing,
        < SmallestPValue => $"p {PValueCell(value)}",
        _ => $"p = {PValueCell(value)}",
    };

    /// <summary>A p-value for a table column whose heading is "p": "0.0187", "&lt; 0.0001".</summary>
    public static string PValueCell(double? value) => value < SmallestPValue ? "< 0.0001" : Text(value, "0.0000");

    /// <summary>"1,309"; a mean of counts has one decimal: "718.6".</summary>
    public static string Count(double? count) => Text(count, "#,##0.#");

    /// <summary>A size: "4 MiB" for whole mebibytes, otherwise "1,309 bytes".</summary>
    public static string Size(long bytes) =>
        bytes >= BytesPerMebibyte && bytes % BytesPerMebibyte == 0 ? $"{Count(bytes / BytesPerMebibyte)} MiB" : Quantity.Of(bytes, "byte");

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

    /// <summary>Rounded to pence; whole pounds without decimals, otherwise two: "£100", "£59.20".</summary>
    public static string Pounds(double? pounds) =>
        pounds is null ? Missing : "£" + Text(pounds, double.IsInteger(Math.Round(pounds.Value, 2)) ? "#,##0" : "#,##0.00");

    /// <summary>"1st", "2nd", "3rd"; in sentences followed by "class".</summary>
    /// <param name="pclass">1..3.</param>
    public static string Class(int pclass) => pclass switch { 1 => "1st", 2 => "2nd", _ => "3rd" };

    /// <summary>The inputs of a prediction or a passenger: "1st class, female, 29 years, fare £100".</summary>
    public static string Inputs(int pclass, string sex, double? ageInYears, double? fareInPounds) =>
        $"{Class(pclass)} class, {sex}, {(ageInYears is null ? "age unknown" : Age(ageInYears))}, "
        + (fareInPounds is null ? "fare unknown" : $"fare {Pounds(fareInPounds)}");

    /// <summary>
    /// "2026-11-23 14:05 UTC". In markup, use the tag <c>utc-time</c>: it adds the relative time and the viewer's local time.
    /// </summary>
    /// <param name="seconds">Whether the seconds are shown, for lists whose order matters: "2026-11-23 14:05:59 UTC".</param>
    public static string UtcTime(DateTimeOffset? time, bool seconds = false) =>
        time?.UtcDateTime.ToString(seconds ? "yyyy-MM-dd HH:mm:ss 'UTC'" : "yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) ?? Missing;

    /// <summary>"2026-11-23".</summary>
    public static string Date(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? Missing;

    /// <summary>A text with a capital first letter, unless the first word is an address or a file.</summary>
    public static string Capitalized(string text) =>
        text.Split(' ')[0].AsSpan().IndexOfAny('/', '.') >= 0 || text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>"420 ms", "3.2 s", "2 min 5 s".</summary>
    public static string Duration(TimeSpan? duration) => duration switch
    {
        null => Missing,
        { TotalSeconds: < 1 } brief => string.Create(CultureInfo.InvariantCulture, $"{brief.TotalMilliseconds:0}\u00a0ms"),
        { TotalMinutes: < 1 } seconds => string.Create(CultureInfo.InvariantCulture, $"{seconds.TotalSeconds:0.0}\u00a0s"),
        { } minutes => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(minutes.TotalMinutes):0}\u00a0min {minutes.Seconds}\u00a0s"),
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
