using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Titanic.Web.Database;
using Titanic.Web.Pipelines.Schedules;

namespace Titanic.Web.Pipelines.Alerts;

/// <summary>The time of an evaluation.</summary>
/// <param name="ResumedAt">See <see cref="AlertEvaluationState.ResumedAt"/>.</param>
/// <param name="ScheduledSince">When the schedule began: the end of the first start; null before.</param>
public sealed record EvaluationTime(DateTimeOffset Now, DateTimeOffset ResumedAt, DateTimeOffset? ScheduledSince);

/// <summary>The rules about runs: missed, overdue and failed runs, the queue, and the passengers that a feature run stores.</summary>
public sealed class RunConditions(TitanicDb db, ScheduleReader schedules, IOptions<AlertOptions> options)
{
    /// <summary>Failed runs that ended earlier open no alert; open alerts are evaluated however old their run is.</summary>
    private static readonly TimeSpan _failuresSince = TimeSpan.FromDays(7);

    /// <summary>
    /// The newest failed run of each pipeline and logical date after which no run has succeeded. A run for a later date replaces one of
    /// training or audit. Runs of requests, of lists and of alternative learners report to their callers.
    /// </summary>
    private const string FailedRunsSql =
        """
        select distinct on (failed.pipeline, failed.logical_date) failed.*
        from runs failed
        where failed.status = 'Failed' and not failed.is_beside and failed.logical_date is not null and failed.challenger is null
            and (failed.ended_at >= {0} or failed.run_id = any ({1}))
            and not exists (
                select from runs later
                where later.pipeline = failed.pipeline and later.status = 'Succeeded' and later.challenger is null and not later.is_beside
                    and (later.logical_date = failed.logical_date
                        or later.logical_date > failed.logical_date and failed.pipeline = any ({2}))
                    and later.ended_at > failed.ended_at)
        order by failed.pipeline, failed.logical_date, failed.run_id desc
        """;

    /// <param name="incidents">The incidents that have not ended.</param>
    public async Task<IReadOnlyList<AlertCondition>> Find(
        EvaluationTime time, IReadOnlyList<Alert> incidents, CancellationToken cancellation)
    {
        var all = await schedules.ReadAll(cancellation);
        var failed = await FailedRuns(time, incidents, cancellation);
        var found = new List<AlertCondition>();
        foreach (var schedule in all)
        {
            var missed = await MissedRun(schedule, time, cancellation);
            var overdue = await OverdueRun(schedule, all, [.. failed, .. found], time, cancellation);
            // One incident is one alert: the rule that found it first keeps it.
            if (missed is not null && overdue is not null)
                found.Add(incidents.Any(alert => alert.Rule == AlertRules.Overdue && alert.Subject == schedule.Pipeline) ? overdue : missed);
            else if ((missed ?? overdue) is { } only)
                found.Add(only);
        }
        found.AddRange(await LatePassengers(all.Single(schedule => schedule.Pipeline == PipelineNames.Feature), time, cancellation) is { } late ? [late] : []);
        found.AddRange(failed);
        found.AddRange(await StalledQueues(time, cancellation));
        return found;
    }

    private async Task<AlertCondition?> MissedRun(Schedule schedule, EvaluationTime time, CancellationToken cancellation)
    {
        var pipeline = schedule.Pipeline;
        if (NewestDue(schedule, options.Value.MissedRunAfter, time) is not { } due)
            return null;
        var day = DayOf(due);
        // Inference after an upload does not replace the run of the day.
        var runs = db.Runs.Where(run => run.LogicalDate >= day && run.Trigger != RunTrigger.Upload);
        var isStarted = await runs.AnyAsync(
            run => run.Pipeline == pipeline && run.Status != RunStatus.Skipped && run.Status != RunStatus.Interrupted && (run.Status != RunStatus.Cancelled || run.CancelRequestedAt != null),
            cancellation);
        if (isStarted)
            return null;
        if (PipelineNames.UpstreamOf(pipeline) is { } upstream
            && !await runs.AnyAsync(run => run.Pipeline == upstream && run.Status == RunStatus.Succeeded, cancellation))
            return null; // it waits; the alert is that of the upstream pipeline
        return new(
            AlertRules.MissedRun, pipeline,
            $"The {pipeline} run of {Format.Date(day)} was due at {Format.UtcTime(due)} and has not started.",
            $"/pipelines#pipeline-{pipeline}",
            Values(("pipeline", pipeline), ("date", Format.Date(day)), ("due", Text(due))));
    }

    /// <param name="others">The failed runs, and what the rules about the pipelines before this one have found: a run that failed or waits for them is not reported again.</param>
    private async Task<AlertCondition?> OverdueRun(
        Schedule schedule, IReadOnlyList<Schedule> all, IReadOnlyList<AlertCondition> others, EvaluationTime time, CancellationToken cancellation)
    {
        var pipeline = schedule.Pipeline;
        if (schedule.Deadline is not { } deadline || NewestDue(schedule, deadline, time) is not { } due)
            return null;
        var day = DayOf(due);
        if (others.Any(other => IsPipelineOrUpstream(other.Evidence["pipeline"], pipeline) && string.CompareOrdinal(other.Evidence["date"], Format.Date(day)) >= 0))
            return null;
        var runs = db.Runs.Where(run => run.Pipeline == pipeline && run.LogicalDate >= day && run.Trigger != RunTrigger.Upload && run.Alternative == null);
        if (await runs.AnyAsync(run => run.Status == RunStatus.Succeeded || run.Status == RunStatus.Cancelled && run.CancelRequestedAt != null, cancellation))
            return null;
        for (var upstream = PipelineNames.UpstreamOf(pipeline); upstream is not null; upstream = PipelineNames.UpstreamOf(upstream))
        {
            var isDue = NewestDue(all.Single(before => before.Pipeline == upstream), deadline, time) is { } before && DayOf(before) >= day;
            if (!isDue && !await db.Runs.AnyAsync(run => run.Pipeline == upstream && run.LogicalDate >= day && run.Status == RunStatus.Succeeded, cancellation))
                return null; // it waits for a pipeline that is paused, or whose policy skips the day
        }
        var newest = await runs.OrderByDescending(run => run.RunId).Select(run => new { run.RunId, run.Status }).FirstOrDefaultAsync(cancellation);
        return new(
            AlertRules.Overdue, pipeline,
            $"The {pipeline} run of {Format.Date(day)} was due at {Format.UtcTime(due)} and has not succeeded by {Format.UtcTime(due + deadline)}; "
                + (newest is null ? "it has not started." : $"run {newest.RunId} is {newest.Status.ToString().ToLowerInvariant()}."),
            newest is null ? $"/pipelines#pipeline-{pipeline}" : $"/runs/{newest.RunId}",
            Values(("pipeline", pipeline), ("date", Format.Date(day)), ("due", Text(due)), ("deadline", Text(due + deadline))));
    }

    private static bool IsPipelineOrUpstream(string other, string pipeline) =>
        other == pipeline || PipelineNames.UpstreamOf(pipeline) is { } upstream && IsPipelineOrUpstream(other, upstream);

    private async Task<AlertCondition?> LatePassengers(Schedule schedule, EvaluationTime time, CancellationToken cancellation)
    {
        if (NewestDue(schedule, options.Value.LateDataAfter, time) is not { } due)
            return null;
        var day = DayOf(due);
        var succeeded = db.Runs.Where(run => run.Pipeline == PipelineNames.Feature && run.Status == RunStatus.Succeeded);
        if (await succeeded.AnyAsync(run => run.LogicalDate >= day, cancellation))
            return null;
        var newest = await succeeded.MaxAsync(run => run.LogicalDate, cancellation);
        return new(
            AlertRules.LateData, "passengers",
            $"The passengers of {Format.Date(day)} are not stored; their feature run was due at {Format.UtcTime(due)}. "
                + (newest is null ? "No feature run of a day has succeeded yet." : $"The newest stored day is {Format.Date(newest)}."),
            $"/pipelines#pipeline-{PipelineNames.Feature}",
            Values(("date", Format.Date(day)), ("due", Text(due)), ("newestDate", Format.Date(newest))));
    }

    private async Task<IReadOnlyList<AlertCondition>> FailedRuns(
        EvaluationTime time, IReadOnlyList<Alert> incidents, CancellationToken cancellation)
    {
        var since = time.Now - _failuresSince;
        var known = incidents.Where(alert => alert.Rule == AlertRules.FailedRun)
            .Select(alert => long.Parse(alert.Evidence["run"], CultureInfo.InvariantCulture)).ToArray();
        var latestOnly = PipelineNames.All.Where(PipelineNames.RunsLatestDayOnly).ToArray();
        var failed = await db.Runs.FromSqlRaw(FailedRunsSql, since, known, latestOnly).AsNoTracking().ToListAsync(cancellation);
        return [.. failed.Select(run => new AlertCondition(
            AlertRules.FailedRun, $"{run.Pipeline} {Format.Date(run.LogicalDate)}",
            $"The {run.Pipeline} run of {Format.Date(run.LogicalDate)} failed.", $"/runs/{run.RunId}",
            Values(("pipeline", run.Pipeline), ("date", Format.Date(run.LogicalDate)), ("run", $"{run.RunId}"))))];
    }

    private async Task<IEnumerable<AlertCondition>> StalledQueues(EvaluationTime time, CancellationToken cancellation)
    {
        var limit = options.Value.StalledQueueAfter;
        if (time.Now - time.ResumedAt < limit)
            return [];
        var before = time.Now - limit;
        var waiting = await db.Runs.AsNoTracking().Where(run => run.Status == RunStatus.Queued && run.QueuedAt <= before)
            .OrderBy(run => run.QueuedAt).ToListAsync(cancellation);
        var stalled = new List<AlertCondition>();
        foreach (var oldest in waiting.DistinctBy(run => run.Pipeline))
        {
            // The runs after it show that the queue moves.
            var isMoving = await db.Runs.AnyAsync(
                run => run.RunId > oldest.RunId && run.Pipeline == oldest.Pipeline && run.StartedAt >= oldest.QueuedAt, cancellation);
            if (isMoving)
                continue;
            stalled.Add(new(
                AlertRules.StalledQueue, oldest.Pipeline,
                $"The {oldest.Pipeline} run {oldest.RunId} has been queued since {Format.UtcTime(oldest.QueuedAt)}, "
                    + $"and no {oldest.Pipeline} run has started since then.",
                $"/runs/{oldest.RunId}",
                Values(("pipeline", oldest.Pipeline), ("run", $"{oldest.RunId}"), ("queuedAt", Text(oldest.QueuedAt)))));
        }
        return stalled;
    }

    /// <summary>
    /// The newest scheduled time of a pipeline that is overdue by a grace; null if there is none since the first start and the last edit of
    /// the time, if processes have not been running again for the grace, or if the pipeline is paused. A time within an earlier pause is due
    /// when the pipeline was resumed, unless its policy is to skip it.
    /// </summary>
    private static DateTimeOffset? NewestDue(Schedule schedule, TimeSpan grace, EvaluationTime time)
    {
        if (schedule.Pause is not null || time.Now - time.ResumedAt < grace || schedule.NewestUntil(time.Now - grace) is not { } due)
            return null;
        var skips = schedule.Values.MissedRuns == MissedRunPolicy.Skip;
        if (schedule.PauseAt(due) is { } pause && (skips || time.Now - pause.ResumedAt < grace))
            return null;
        return due >= time.ScheduledSince && !(due < schedule.Stored?.CronSince) && !(skips && due < time.ResumedAt) ? due : null;
    }

    private static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    private static string Text(DateTimeOffset time) => Passengers.IsoTimestamp.Format(time);

    private static Dictionary<string, string> Values(params (string Name, string Value)[] values) =>
        values.ToDictionary(value => value.Name, value => value.Value);
}
