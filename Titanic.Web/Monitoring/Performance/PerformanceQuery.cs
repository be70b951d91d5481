using System.Globalization;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Monitoring.Performance;

/// <summary>The query string of the performance: window, version, source, segment and point in time. Page and API have the same parameters.</summary>
/// <param name="Rows">Selects the predictions; the window is part of it, unless it contains all days.</param>
/// <param name="AsOf">The point in time; null means now.</param>
/// <param name="Today">The last day of a window without another end: today, or the day of the point in time.</param>
public sealed record PerformanceQuery(PerformanceWindow Window, PredictionFilter Rows, AsOf? AsOf, DateOnly Today)
{
    private static readonly string[] FilterParameters = ["source", "version", "segment", "from", "to"];

    /// <summary>Whether the predictions of the window can be read; otherwise only its daily totals.</summary>
    public bool IsDetailed => Window.Days <= PerformanceReports.MaximumDays;

    /// <summary>Whether the query selects some of the predictions of the window, which have no daily totals.</summary>
    public bool IsFiltered => Rows.Source is not null || Rows.Version is not null || Rows.Segment is not null;

    /// <summary>Parses the query; it has the default of each invalid parameter.</summary>
    /// <param name="getValue">Returns the value of a parameter by its name; null when it is missing.</param>
    /// <param name="today">The last day of a window without another end. Earlier, if the point in time is on an earlier day.</param>
    /// <param name="db">Resolves the point in time.</param>
    /// <param name="cancellation">Cancels the query of the commits.</param>
    /// <returns>The query, and an error message for each invalid parameter.</returns>
    public static async Task<(PerformanceQuery Query, IReadOnlyList<string> Problems)> Parse(
        Func<string, string?> getValue, DateOnly today, TitanicDb db, CancellationToken cancellation)
    {
        var (filter, invalid) = PredictionFilter.Parse(name => FilterParameters.Contains(name) ? getValue(name) : null);
        List<string> problems = [.. invalid.Values];
        if (invalid.Count > 0)
            filter = filter with { From = null, To = null };
        AsOf? asOf = null;
        if (!string.IsNullOrWhiteSpace(getValue("asOf")))
        {
            try
            {
                asOf = await FeatureStore.AsOf.Resolve(db, getValue("asOf"), cancellation);
            }
            catch (UnknownAsOfException unknown)
            {
                problems.Add(unknown.Message);
            }
        }
        if (asOf is not null && DateOnly.FromDateTime(asOf.Instant.UtcDateTime) is var day && day < today)
            today = day;
        var (window, problem) = PerformanceWindow.Parse(getValue("days"), filter.From, filter.To, today);
        if (problem is not null)
            problems.Add(problem);
        return (new(window, filter with { From = window.From, To = window.To, AsOf = asOf?.Instant }, asOf, today), problems);
    }
}

/// <summary>The days of the metrics.</summary>
/// <param name="Value">The value of the query parameter <c>days</c>; null for a range of dates.</param>
/// <param name="From">First logical date; null for all days.</param>
/// <param name="To">Last logical date; null for all days.</param>
public sealed record PerformanceWindow(string? Value, DateOnly? From, DateOnly? To)
{
    private const string All = "all";
    private const int DefaultDays = 30;

    private static readonly string AllowedDays = $"{ErrorText.WholeNumber(1, PerformanceReports.MaximumDays)}, or {All}";

    /// <summary>The values of the query parameter <c>days</c> for which the page has links.</summary>
    public static IReadOnlyList<string> Presets { get; } = ["7", "30", "90", All];

    /// <summary>Number of days.</summary>
    public int Days => From is { } from && To is { } to ? to.DayNumber - from.DayNumber + 1 : int.MaxValue;

    /// <summary>The days as text: "the last 30 days".</summary>
    public string Name => Value is null ? $"{Format.Date(From)} to {Format.Date(To)}" : Describe(Value);

    public static string Describe(string value) => value == All ? "all days" : value == "1" ? "the last day" : $"the last {value} days";

    /// <summary>
    /// A number of days that end today, or a range of dates: without its last date it ends today, without its first date it has 30 days.
    /// </summary>
    /// <returns>The window, or the default window and an error message.</returns>
    public static (PerformanceWindow Window, string? Problem) Parse(string? days, DateOnly? from, DateOnly? to, DateOnly today)
    {
        var isRange = from is not null || to is not null;
        if (string.IsNullOrWhiteSpace(days))
            return isRange ? ParseRange(from, to, today) : (Newest(DefaultDays, today), null);
        if (isRange)
            return (Newest(DefaultDays, today), $"The parameter days is \"{Passengers.Excerpt.Truncate(days)}\"; it must be absent if from or to is given.");
        if (days == All)
            return (new(All, null, null), null);
        return int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= PerformanceReports.MaximumDays
            ? (Newest(count, today), null)
            : (Newest(DefaultDays, today), ErrorText.Invalid("The parameter days", days, AllowedDays));
    }

    private static (PerformanceWindow Window, string? Problem) ParseRange(DateOnly? from, DateOnly? to, DateOnly today)
    {
        var last = to ?? (from > today ? from.Value : today);
        return (new(null, from ?? (last.DayNumber < DefaultDays ? DateOnly.MinValue : last.AddDays(1 - DefaultDays)), last), null);
    }

    private static PerformanceWindow Newest(int days, DateOnly today) => new(days.ToString(CultureInfo.InvariantCulture), today.AddDays(1 - days), today);
}
