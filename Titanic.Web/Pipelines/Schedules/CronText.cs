using System.Globalization;
using System.Text.RegularExpressions;
using Cronos;

namespace Titanic.Web.Pipelines.Schedules;

/// <summary>
/// Validates cron expressions of five fields and describes them in words. Cronos defines the syntax: the values of a field are the
/// occurrences of an expression with this field only.
/// </summary>
internal static partial class CronText
{
    /// <summary>The allowed values, for messages and hints.</summary>
    public const string Allowed =
        "a cron expression of five fields in UTC, minute (0-59), hour (0-23), day of the month (1-31), month (1-12) and day of the week (0-7 or SUN-SAT), such as \"5 0 * * *\"";

    public const int MaximumLength = 100;

    private static readonly string[] _ordinals = ["first", "second", "third", "fourth", "fifth"];

    /// <summary>A Monday; January has 31 days.</summary>
    private static readonly DateTimeOffset _start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Why an expression is not allowed for a schedule; null if it is.</summary>
    /// <param name="cron">The expression as typed.</param>
    /// <param name="now">An expression without an occurrence after this instant is not allowed.</param>
    public static string? FindError(string? cron, DateTimeOffset now)
    {
        const string subject = "The cron expression";
        var text = cron?.Trim();
        if (text is null or "" || text.Length > MaximumLength || Fields(text).Length != 5 || JitterField().IsMatch(text))
            return ErrorText.Invalid(subject, text, Allowed);
        try
        {
            return CronExpression.Parse(text).GetNextOccurrence(now, TimeZoneInfo.Utc) is null
                ? ErrorText.Invalid(subject, text, "one that has an occurrence; no date has this day and month")
                : null;
        }
        catch (CronFormatException invalid)
        {
            return $"{ErrorText.Invalid(subject, text, Allowed)} {invalid.Message}";
        }
    }

    /// <summary>
    /// A valid expression in words, such as "At 00:05, every day" or "Every 15 minutes from 08:00 to 17:59, on Monday to Friday". A day of the month and a day of the
    /// week together mean dates that are both.
    /// </summary>
    public static string Describe(string cron)
    {
        var fields = Fields(cron);
        if (fields.Length != 5)
            return cron;
        string[] days = [.. ((string?[])[DayOfMonth(fields[2]), DayOfWeek(fields[4])]).OfType<string>()];
        var dates = days.Length == 0 ? "every day" : string.Join(" if it falls ", days);
        return string.Join(", ", ((string?[])[Time(fields[0], fields[1]), dates, Month(fields[3])]).OfType<string>());
    }

    private static string Time(string minuteField, string hourField)
    {
        var minutes = Values($"{minuteField} * * * *", TimeSpan.FromHours(1), time => time.Minute);
        var hours = Values($"0 {hourField} * * *", TimeSpan.FromDays(1), time => time.Hour);
        if (minutes.Count * hours.Count <= 6)
            return "At " + And([.. from hour in hours from minute in minutes select Clock(hour, minute)]);
        var within = hours.Count == 24 ? null
            : IsContiguous(hours) ? $" from {Clock(hours[0], 0)} to {Clock(hours[^1], 59)}" : $" of the hours {And([.. hours.Select(Number)])}";
        if (minutes.Count == 1)
            return $"At minute {minutes[0]}" + (within ?? " of every hour");
        var step = minutes[1] - minutes[0];
        if (minutes[0] == 0 && 60 % step == 0 && minutes.Count == 60 / step)
            return (step == 1 ? "Every minute" : $"Every {step} minutes") + within;
        return $"At the minutes {Ranges(minutes, Number)}" + (within ?? " of every hour");
    }

    /// <summary>Null for every day.</summary>
    private static string? DayOfMonth(string field)
    {
        if (SpecialDay().Match(field) is { Success: true } special)
        {
            var (day, before) = (special.Groups["day"].Value, special.Groups["before"].Value);
            var isWeekday = special.Groups["weekday"].Success;
            return day.Length > 0 ? $"on the weekday nearest to day {day} of the month"
                : $"on the {(isWeekday ? "weekday nearest to the " : "")}{(before.Length > 0 ? $"day {before} days before the " : "")}last day of the month";
        }
        var days = Values($"0 0 {field} 1 *", TimeSpan.FromDays(31), time => time.Day);
        return days.Count == 31 ? null : $"on {(days.Count == 1 ? "day" : "the days")} {Ranges(days, Number)} of the month";
    }

    /// <summary>Null for every day.</summary>
    private static string? DayOfWeek(string field)
    {
        if (SpecialDayOfWeek().Match(field) is { Success: true } special)
        {
            var name = DayName(Values($"0 0 * * {special.Groups["day"].Value}", TimeSpan.FromDays(7), time => (int)time.DayOfWeek)[0]);
            return special.Groups["number"] is { Success: true, Value: var number }
                ? $"on the {_ordinals[number[0] - '1']} {name} of the month" : $"on the last {name} of the month";
        }
        var days = Values($"0 0 * * {field}", TimeSpan.FromDays(7), time => ((int)time.DayOfWeek + 6) % 7); // from Monday
        return days.Count == 7 ? null : "on " + Ranges(days, day => DayName((day + 1) % 7));
    }

    /// <summary>Null for every month.</summary>
    private static string? Month(string field)
    {
        var months = Values($"0 0 1 {field} *", TimeSpan.FromDays(366), time => time.Month);
        return months.Count == 12 ? null : "in " + Ranges(months, CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName);
    }

    private static string[] Fields(string cron) => cron.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static List<int> Values(string cron, TimeSpan period, Func<DateTimeOffset, int> value) =>
        [.. CronExpression.Parse(cron).GetOccurrences(_start, _start + period, TimeZoneInfo.Utc).Select(value).Distinct().Order()];

    private static bool IsContiguous(List<int> values) => values[^1] - values[0] == values.Count - 1;

    /// <summary>"1", "1 and 15", "Monday to Friday".</summary>
    private static string Ranges(List<int> values, Func<int, string> name) =>
        values.Count > 2 && IsContiguous(values) ? $"{name(values[0])} to {name(values[^1])}" : And([.. values.Select(name)]);

    private static string And(IReadOnlyList<string> values) =>
        values.Count < 2 ? string.Concat(values) : $"{string.Join(", ", values.SkipLast(1))} and {values[^1]}";

    private static string Clock(int hour, int minute) => string.Create(CultureInfo.InvariantCulture, $"{hour:00}:{minute:00}");

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string DayName(int day) => CultureInfo.InvariantCulture.DateTimeFormat.GetDayName((DayOfWeek)day);

    /// <summary>Cronos can choose a time by itself ("H"), which Hangfire's copy of Cronos does not know.</summary>
    [GeneratedRegex("(?<![A-Z])H", RegexOptions.IgnoreCase)]
    private static partial Regex JitterField();

    [GeneratedRegex("^(L(-(?<before>[0-9]+))?(?<weekday>W)?|(?<day>[0-9]+)W)$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex SpecialDay();

    [GeneratedRegex("^(?<day>[0-7]|[A-Z]{3})(L|#(?<number>[1-5]))$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex SpecialDayOfWeek();
}
