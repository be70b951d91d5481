using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Database;
using Titanic.Web.Monitoring;
using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Monitoring.Performance;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Pages.Shared;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Feedback;

namespace Titanic.Web.Pages.Monitoring;

/// <summary>
/// The dashboard: latest passenger, recent predictions, performance, drift and prediction traffic, read from the database on each request.
/// </summary>
public sealed class MonitoringIndexModel(
    RollupReader rollups, StreamHistory stream, PredictionVolume volume, SiteStatus status, Reproductions reproductions) : OperatorPageModel
{
    private const int RecentRows = 5;

    /// <summary>The query string, with the default of each invalid parameter.</summary>
    public PerformanceQuery Query { get; private set; } = null!;

    public PerformanceWindow Window => Query.Window;

    /// <summary>The predictions of the metrics.</summary>
    public PredictionFilter Rows => Query.Rows;

    /// <summary>The validation errors of the query string.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>The breakdowns; null if the window has too many days to read its predictions.</summary>
    public PerformanceReport? Report { get; private set; }

    public PerformanceGroup Live { get; private set; } = null!;
    public PerformanceGroup InSample { get; private set; } = null!;

    /// <summary>The outcomes that have changed since the shown state; null if that is the state of now.</summary>
    public OutcomeChanges? Changes { get; private set; }

    /// <summary>The live predictions as known now; null if the shown state is not earlier.</summary>
    public PerformanceGroup? LiveNow { get; private set; }

    public StreamPassenger? NewestPassenger { get; private set; }
    public IReadOnlyList<StreamPassenger> RecentPredictions { get; private set; } = [];
    public IReadOnlyList<PerformancePoint> AccuracyByDay { get; private set; } = [];

    /// <summary>The alarms that were raised on the days of <see cref="AccuracyByDay"/>.</summary>
    public IReadOnlyList<RaisedAlarm> Alarms { get; private set; } = [];

    /// <summary>The new champions of the days of <see cref="AccuracyByDay"/>.</summary>
    public IReadOnlyList<ChampionChange> ChampionChanges { get; private set; } = [];

    /// <summary>Null until the monitoring pipeline has run with a champion.</summary>
    public DriftState? Drift { get; private set; }
    public PredictionVolumeSummary Volume { get; private set; } = null!;
    public IReadOnlyList<Prediction> LatestPredictions { get; private set; } = [];

    /// <summary>Null unless the user is an operator, because the counts link to comments of other users.</summary>
    public IReadOnlyList<FeedbackCount>? FeedbackCounts { get; private set; }

    /// <summary>The latest reproduction of the champion; null without a champion.</summary>
    public ReproductionBadge? ChampionBadge { get; private set; }

    public async Task OnGetAsync([FromServices] FeedbackReader feedback, [FromServices] DriftReader drift, [FromServices] PerformanceReports reports, [FromServices] TitanicDb db)
    {
        var cancellationToken = HttpContext.RequestAborted;
        await ParseQuery(db, cancellationToken);
        await using (var now = await rollups.Open(cancellationToken))
            await ReadRollups(now, reports, cancellationToken);
        NewestPassenger = await stream.Newest(cancellationToken);
        RecentPredictions = await stream.NewestPredicted(RecentRows, cancellationToken);
        Drift = await drift.Read(asOf: null, cancellationToken);
        if (AccuracyByDay is [var first, ..])
            (Alarms, ChampionChanges) = (await drift.ReadAlarms(first.Day, cancellationToken), await drift.ReadChampionChanges(first.Day, cancellationToken));
        LatestPredictions = await volume.ReadNewest(RecentRows, cancellationToken);
        if (MayOperate)
            FeedbackCounts = await feedback.Counts(cancellationToken);
        if (status.ChampionVersion is { } champion)
            ChampionBadge = new ReproductionBadge(champion, (await reproductions.FindNewest([champion], cancellationToken)).GetValueOrDefault(champion));
    }

    private async Task ParseQuery(TitanicDb db, CancellationToken cancellation)
    {
        (Query, Problems) = await PerformanceQuery.Parse(name => Request.Query[name], DateOnly.FromDateTime(Now.UtcDateTime), db, cancellation);
        if (!Query.IsDetailed && Query.IsFiltered)
        {
            Problems = [.. Problems, $"The days are {Window.Name}; with a version, a source, a segment or a point in time there must be at most {PerformanceReports.MaximumDays}."];
            Query = Query with { Rows = new(From: Window.From, To: Window.To), AsOf = null };
        }
        if (Problems.Count > 0)
            Response.StatusCode = StatusCodes.Status400BadRequest;
    }

    private async Task ReadRollups(RollupSnapshot now, PerformanceReports reports, CancellationToken cancellation)
    {
        var days = await now.ReadDays(Window.To, cancellation);
        AccuracyByDay = PerformanceReader.LiveByDay(days, Window.From, Window.To);
        Volume = await PredictionVolume.Read(now, DateOnly.FromDateTime(Now.UtcDateTime), cancellation);
        if (!Query.IsDetailed)
        {
            Live = PerformanceGroup.Of("live", PerformanceReader.Totals(days, isLive: true, Window.From, Window.To));
            InSample = PerformanceGroup.Of("in-sample", PerformanceReader.Totals(days, isLive: false, Window.From, Window.To));
            return;
        }
        Report = Query.AsOf is null ? await reports.Read(now, Rows, cancellation) : await reports.Read(Rows, cancellation);
        (Live, InSample) = (Report.Live, Report.InSample);
        Changes = await reports.ReadChanges(Rows, cancellation);
        if (Changes is not null)
            LiveNow = (await reports.Read(now, Rows with { AsOf = null }, cancellation)).Live;
    }
}

/// <summary>The metrics of live or in-sample predictions, for the partial <c>_Performance</c>.</summary>
/// <param name="Rows">All predictions of the group; links add an outcome to this filter.</param>
public sealed record DisplayedPerformance(string Caption, PerformanceGroup Group, PredictionFilter Rows);

/// <summary>A table of groups, for the partial <c>_PerformanceGroups</c>.</summary>
/// <param name="Title">The heading of the first column.</param>
/// <param name="NameOf">The displayed name of a group.</param>
/// <param name="RowsOf">The predictions of a group.</param>
public sealed record DisplayedGroups(string Id, string Title, IReadOnlyList<PerformanceGroup> Groups, Func<string, string> NameOf, Func<string, PredictionFilter> RowsOf);
