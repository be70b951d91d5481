using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Monitoring;
using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Pages.Shared;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Feedback;

namespace Titanic.Web.Pages.Monitoring;

/// <summary>
/// The dashboard: latest passenger, recent predictions, performance, drift and prediction traffic, read from the database on each request.
/// </summary>
public sealed class MonitoringIndexModel(
    PerformanceReader performance, StreamHistory stream, PredictionVolume volume, SiteStatus status, Reproductions reproductions) : OperatorPageModel
{
    private const int RecentRows = 5;

    /// <summary>The days of the metrics: one of <see cref="PerformanceWindow.Values"/>.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Days { get; set; }

    public PerformanceWindow Window { get; private set; } = null!;

    /// <summary>Why <see cref="Days"/> is not valid; null if it is.</summary>
    public string? Problem { get; private set; }

    public StreamPassenger? NewestPassenger { get; private set; }
    public IReadOnlyList<StreamPassenger> RecentPredictions { get; private set; } = [];
    public PerformanceTotals Live { get; private set; } = PerformanceTotals.None;
    public PerformanceTotals InSample { get; private set; } = PerformanceTotals.None;
    public IReadOnlyList<PerformancePoint> AccuracyByDay { get; private set; } = [];

    /// <summary>The alarms that were raised on the days of <see cref="AccuracyByDay"/>.</summary>
    public IReadOnlyList<RaisedAlarm> Alarms { get; private set; } = [];

    /// <summary>Null until the monitoring pipeline has run with a champion.</summary>
    public DriftState? Drift { get; private set; }
    public PredictionVolumeSummary Volume { get; private set; } = null!;
    public IReadOnlyList<Prediction> LatestPredictions { get; private set; } = [];

    /// <summary>Null unless the user is an operator, because the counts link to comments of other users.</summary>
    public IReadOnlyList<FeedbackCount>? FeedbackCounts { get; private set; }

    /// <summary>The latest reproduction of the champion; null without a champion.</summary>
    public ReproductionBadge? ChampionBadge { get; private set; }

    public async Task OnGetAsync([FromServices] FeedbackReader feedback, [FromServices] DriftReader drift, CancellationToken cancellationToken)
    {
        NewestPassenger = await stream.Newest(cancellationToken);
        RecentPredictions = await stream.NewestPredicted(RecentRows, cancellationToken);
        (Window, Problem) = PerformanceWindow.Parse(Days, DateOnly.FromDateTime(Now.UtcDateTime));
        Live = await performance.Totals(isLive: true, Window.From, cancellationToken);
        InSample = await performance.Totals(isLive: false, Window.From, cancellationToken);
        AccuracyByDay = await performance.LiveByDay(cancellationToken);
        Drift = await drift.Read(asOf: null, cancellationToken);
        if (AccuracyByDay is [var first, ..])
            Alarms = await drift.ReadAlarms(first.Day, cancellationToken);
        Volume = await volume.Read(DateOnly.FromDateTime(Now.UtcDateTime), cancellationToken);
        LatestPredictions = await volume.ReadNewest(RecentRows, cancellationToken);
        if (MayOperate)
            FeedbackCounts = await feedback.Counts(cancellationToken);
        if (status.ChampionVersion is { } champion)
            ChampionBadge = new ReproductionBadge(champion, (await reproductions.FindNewest([champion], cancellationToken)).GetValueOrDefault(champion));
    }
}

/// <summary>The metrics of live or in-sample predictions, for the partial <c>_Performance</c>.</summary>
/// <param name="From">First logical date; null for all days.</param>
public sealed record DisplayedPerformance(string Caption, PerformanceTotals Totals, bool IsLive, DateOnly? From);

/// <summary>The days of the dashboard's metrics.</summary>
/// <param name="Value">One of <see cref="Values"/>.</param>
/// <param name="From">First logical date; null for all days.</param>
public sealed record PerformanceWindow(string Value, DateOnly? From)
{
    private const string All = "all", Default = "30";

    /// <summary>The allowed values of the query parameter <c>days</c>.</summary>
    public static IReadOnlyList<string> Values { get; } = ["7", Default, "90", All];

    /// <summary>The days as text: "the last 30 days".</summary>
    public string Name => Describe(Value);

    public static string Describe(string value) => value == All ? "all days" : $"the last {value} days";

    /// <summary>Parses the query parameter; the default without a value, and with an error for an unknown value.</summary>
    public static (PerformanceWindow Window, string? Problem) Parse(string? days, DateOnly today)
    {
        var isKnown = days is null or "" || Values.Contains(days);
        var value = isKnown && days is { Length: > 0 } ? days : Default;
        DateOnly? from = value == All ? null : today.AddDays(1 - int.Parse(value, CultureInfo.InvariantCulture));
        return (new(value, from), isKnown ? null : ErrorText.Invalid("The parameter days", days, ErrorText.OneOf(Values)));
    }
}
