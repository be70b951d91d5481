using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Database;
using Titanic.Web.Monitoring;
using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Monitoring.Performance;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Monitoring.WhatIf;
using Titanic.Web.Pages.Shared;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Feedback;

namespace Titanic.Web.Pages.Monitoring;

/// <summary>
/// The dashboard: latest passenger, recent predictions, performance, drift and prediction traffic, read from the database on each request: as
/// known now, or all of it as known at one earlier point in time.
/// </summary>
[ContentETag]
public sealed class MonitoringIndexModel(
    RollupReader rollups, StreamHistory stream, PredictionVolume volume, AliasHistory aliases, Reproductions reproductions) : OperatorPageModel
{
    private const int RecentRows = 5;

    /// <summary>The query string, with the default of each invalid parameter.</summary>
    public PerformanceQuery Query { get; private set; } = null!;

    public PerformanceWindow Window => Query.Window;

    /// <summary>The instant whose state the page shows, inclusive; null means now.</summary>
    public DateTimeOffset? KnownAt => Query.AsOf?.Instant;

    /// <summary>The state of the feature pipeline, the inference pipeline and the monitoring pipeline.</summary>
    public IReadOnlyList<PipelineState> Pipelines { get; private set; } = [];

    /// <summary>Whether the first start is still simulating past days.</summary>
    public bool IsFirstStartUnfinished { get; private set; }

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

    /// <summary>The what-if history of the window; null if it cannot be computed, for <see cref="NoWhatIf"/>.</summary>
    public WhatIfReport? WhatIf { get; private set; }

    /// <summary>Why the what-if history cannot be computed; null if it is.</summary>
    public string? NoWhatIf { get; private set; }

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

    /// <summary>The champion with its latest reproduction; null without a champion.</summary>
    public ReproductionBadge? ChampionBadge { get; private set; }

    public async Task OnGetAsync(
        [FromServices] FeedbackReader feedback, [FromServices] DriftReader drift, [FromServices] PerformanceReports reports, [FromServices] WhatIfReports whatIf, [FromServices] TitanicDb db)
    {
        var cancellationToken = HttpContext.RequestAborted;
        await ParseQuery(db, cancellationToken);
        await using (var state = await rollups.Open(KnownAt, cancellationToken))
            await ReadRollups(state, reports, cancellationToken);
        await ReadWhatIf(whatIf, cancellationToken);
        NewestPassenger = await stream.Newest(Query.AsOf, cancellationToken);
        RecentPredictions = await stream.NewestPredicted(RecentRows, Query.AsOf, cancellationToken);
        Drift = await drift.Read(KnownAt, cancellationToken);
        if (AccuracyByDay is [var first, ..])
            (Alarms, ChampionChanges) = (await drift.ReadAlarms(first.Day, KnownAt, cancellationToken), await drift.ReadChampionChanges(first.Day, KnownAt, cancellationToken));
        LatestPredictions = await volume.ReadNewest(RecentRows, KnownAt, cancellationToken);
        if (MayOperate)
            FeedbackCounts = await feedback.Counts(KnownAt, cancellationToken);
        if (await aliases.FindChampion(KnownAt, cancellationToken) is { } champion)
            ChampionBadge = new ReproductionBadge(champion, (await reproductions.FindNewest([champion], KnownAt, cancellationToken)).GetValueOrDefault(champion));
        await ReadPipelines(cancellationToken);
    }

    /// <summary>The state of one of <see cref="Pipelines"/>.</summary>
    public PipelineState StateOf(string pipeline) => Pipelines.Single(state => state.Pipeline == pipeline);

    private async Task ReadPipelines(CancellationToken cancellation)
    {
        var pipelines = HttpContext.RequestServices.GetRequiredService<PipelineStates>();
        var at = KnownAt is { } known && known < Now ? known : Now;
        Pipelines = await pipelines.Read([PipelineNames.Feature, PipelineNames.Inference, PipelineNames.Monitoring], at, cancellation);
        IsFirstStartUnfinished = await pipelines.IsFirstStartUnfinished(at, cancellation);
    }

    private async Task ParseQuery(TitanicDb db, CancellationToken cancellation)
    {
        (Query, Problems) = await PerformanceQuery.Parse(name => Request.Query[name], Today, db, cancellation);
        if (!Query.IsDetailed && Query.IsFiltered)
        {
            Problems = [.. Problems, $"The days are {Window.Name}; with a version, a source or a segment there must be at most {PerformanceReports.MaximumDays}."];
            Query = Query with { Rows = new(From: Window.From, To: Window.To, AsOf: KnownAt) };
        }
        if (Problems.Count > 0)
            Response.StatusCode = StatusCodes.Status400BadRequest;
    }

    private async Task ReadRollups(RollupSnapshot state, PerformanceReports reports, CancellationToken cancellation)
    {
        var days = await state.ReadDays(Window.To, cancellation);
        AccuracyByDay = PerformanceReader.LiveByDay(days, Window.From, Window.To);
        Volume = await PredictionVolume.Read(state, Query.Today, cancellation);
        if (!Query.IsDetailed)
        {
            Live = PerformanceGroup.Of("live", PerformanceReader.Totals(days, isLive: true, Window.From, Window.To));
            InSample = PerformanceGroup.Of("in-sample", PerformanceReader.Totals(days, isLive: false, Window.From, Window.To));
            return;
        }
        Report = Query.AsOf is null ? await reports.Read(state, Rows, cancellation) : await reports.Read(Rows, cancellation);
        (Live, InSample) = (Report.Live, Report.InSample);
        Changes = await reports.ReadChanges(Rows, cancellation);
        if (Changes is not null)
            LiveNow = (await reports.Read(Rows with { AsOf = null }, cancellation)).Live;
    }

    private async Task ReadWhatIf(WhatIfReports whatIf, CancellationToken cancellation)
    {
        try
        {
            WhatIf = await whatIf.Read(Query, cancellation);
        }
        catch (InvalidDataException corrupt)
        {
            NoWhatIf = corrupt.Message;
        }
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
