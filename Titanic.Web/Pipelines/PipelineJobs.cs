using Hangfire;
using Hangfire.Server;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Titanic.Web.Database;
using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Pipelines.Schedules;

namespace Titanic.Web.Pipelines;

/// <summary>
/// The jobs that Hangfire calls. A job's arguments are a run ID or a pipeline name only; the parameters of a run are stored in its record.
/// </summary>
public sealed class PipelineJobs(PipelineRunner runner, CatchUp catchUp, IBackgroundJobClient jobs, ScheduleReader schedules, TimeProvider clock)
{
    private static readonly TimeSpan _retryDelay = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _busyDelay = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The recurring job: runs every pending date of the pipeline, oldest first, unless it is paused. If the upstream pipeline has not
    /// finished, the job is scheduled again. Hangfire stores the method's name, so renaming it breaks stored jobs.
    /// </summary>
    [AutomaticRetry(Attempts = 3, DelaysInSeconds = [30, 120, 600])]
    public async Task RunOwedDays(string pipeline, PerformContext? context, CancellationToken cancellation)
    {
        var schedule = await schedules.Read(pipeline, cancellation);
        if (schedule.Pause is not null)
            return;
        var (today, jobId) = (DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), context?.BackgroundJob.Id);
        var (pending, isWaiting) = await catchUp.PendingDates(schedule, today, cancellation);
        var queues = schedule.Values.Overlap == OverlapPolicy.Queue;
        DateOnly[] days = [.. queues ? pending.Except(await catchUp.QueuedDays(pipeline, jobId, cancellation)) : pending];
        for (var i = 0; i < days.Length; i++)
        {
            var run = await runner.Queue(new RunRequest(pipeline, days[i], RunTrigger.Schedule), jobId, cancellation);
            if (await RunToCompletion(run.RunId, cancellation, skipsIfBusy: !queues))
                continue;
            if (queues && (await catchUp.FindWithUpstream(run.RunId, cancellation)).Run.Status == RunStatus.Queued)
                await QueueBehindOther(run, days[(i + 1)..], jobId, cancellation);
            return;
        }
        if (pipeline == PipelineNames.Monitoring && await IsTrainingDueAfterAlarm(cancellation))
        {
            var training = await runner.Queue(new RunRequest(PipelineNames.Training, today, RunTrigger.Schedule), null, cancellation);
            await runner.Log(training.RunId, "Queued because the accuracy alarm was raised.", cancellation);
            jobs.Enqueue<PipelineJobs>(PipelineNames.QueueOf(PipelineNames.Training), job => job.RunWhenFree(training.RunId, null, CancellationToken.None));
        }
        if (isWaiting && !IsNextTickSooner(schedule))
            jobs.Schedule<PipelineJobs>(PipelineNames.QueueOf(pipeline), job => job.RunOwedDays(pipeline, null, CancellationToken.None), _retryDelay);
    }

    /// <summary>
    /// Whether the next tick comes before a retry would. Then no retry is scheduled: otherwise a lasting failure upstream would add one
    /// more retrying job every day.
    /// </summary>
    private bool IsNextTickSooner(Schedule schedule) =>
        schedule.NextAfter(clock.GetUtcNow()) is { } next && next <= clock.GetUtcNow() + _retryDelay;

    private async Task<bool> IsTrainingDueAfterAlarm(CancellationToken cancellation) =>
        await catchUp.IsTrainingDueAfterAlarm(cancellation) && (await schedules.Read(PipelineNames.Training, cancellation)).Pause is null;

    /// <summary>Lets a queued run, and the runs of the dates after it, wait until the running one has ended.</summary>
    private async Task QueueBehindOther(Run first, DateOnly[] later, string? jobId, CancellationToken cancellation)
    {
        var (queue, firstId) = (PipelineNames.QueueOf(first.Pipeline), first.RunId);
        if (later.Length == 0)
        {
            jobs.Schedule<PipelineJobs>(queue, job => job.RunWhenFree(firstId, null, CancellationToken.None), _busyDelay);
            return;
        }
        var ids = new List<long> { firstId };
        foreach (var day in later)
            ids.Add((await runner.Queue(new RunRequest(first.Pipeline, day, RunTrigger.Schedule), jobId, cancellation)).RunId);
        var all = ids.ToArray();
        jobs.Schedule<PipelineJobs>(queue, job => job.RunInOrder(all, CancellationToken.None), _busyDelay);
    }

    /// <summary>Executes a run that was requested by a user or a program.</summary>
    [AutomaticRetry(Attempts = 3, DelaysInSeconds = [5, 30, 120])]
    public Task RunQueued(long runId, CancellationToken cancellation) => RunToCompletion(runId, cancellation);

    /// <summary>
    /// Executes a run as soon as no other run of its pipeline is running, then queues the training run that depends on it. The job may be
    /// repeated, for example after its process was killed: a run that succeeded is not executed again.
    /// </summary>
    /// <param name="trainingRunId">
    /// A queued training run that starts when this run has succeeded. When this run fails, it is recorded as failed; a retry that succeeds
    /// starts it.
    /// </param>
    [AutomaticRetry(Attempts = 3, DelaysInSeconds = [5, 30, 120])]
    public async Task RunWhenFree(long runId, long? trainingRunId, CancellationToken cancellation)
    {
        var run = await runner.Run(runId, cancellation, skipsIfBusy: false);
        cancellation.ThrowIfCancellationRequested();
        switch (run.Status)
        {
            case RunStatus.Succeeded when trainingRunId is { } training:
                jobs.Enqueue<PipelineJobs>(PipelineNames.QueueOf(PipelineNames.Training), job => job.RunWhenFree(training, null, CancellationToken.None));
                break;
            case RunStatus.Cancelled when run.IsCanceledByUser:
                if (trainingRunId is { } dependent)
                    await runner.MarkNotStarted(dependent, $"Training was not started. The inference run {runId} was canceled.", cancellation);
                break;
            case RunStatus.Queued or RunStatus.Interrupted or RunStatus.Cancelled: // another run of the pipeline is running
                jobs.Schedule<PipelineJobs>(PipelineNames.QueueOf(run.Pipeline), job => job.RunWhenFree(runId, trainingRunId, CancellationToken.None), _busyDelay);
                break;
            case RunStatus.Failed or RunStatus.Running:
                var failure = new PipelineFailedException(run);
                if (trainingRunId is { } blocked && run.Status == RunStatus.Failed)
                    await runner.MarkNotStarted(blocked, $"Training was not started. {failure.Message}", cancellation);
                if (run.IsQuarantined)
                    break;
                throw failure;
        }
    }

    /// <summary>
    /// Executes the queued runs of one pipeline for several dates, in order, each after the run of its upstream pipeline for the same date. A
    /// run whose upstream run failed or was canceled by a user is recorded as failed; the others are executed.
    /// </summary>
    [AutomaticRetry(Attempts = 3, DelaysInSeconds = [5, 30, 120])]
    public async Task RunInOrder(long[] runIds, CancellationToken cancellation)
    {
        for (var i = 0; i < runIds.Length; i++)
        {
            var (run, upstream) = await catchUp.FindWithUpstream(runIds[i], cancellation);
            if (run.Status is not (RunStatus.Queued or RunStatus.Interrupted))
                continue; // an earlier attempt of the job, or another job, has executed it
            if (upstream is { Status: RunStatus.Failed } or { IsCanceledByUser: true })
            {
                await runner.MarkNotStarted(run.RunId, $"The run was not started. {new PipelineFailedException(upstream).Message}", cancellation);
                continue;
            }
            var status = upstream is { IsInProgress: true } ? run.Status : (await runner.Run(run.RunId, cancellation, skipsIfBusy: false)).Status;
            cancellation.ThrowIfCancellationRequested();
            if (status is RunStatus.Queued or RunStatus.Interrupted) // the upstream run, or another run of the pipeline, is in progress
            {
                var remaining = runIds[i..];
                jobs.Schedule<PipelineJobs>(PipelineNames.QueueOf(run.Pipeline), job => job.RunInOrder(remaining, CancellationToken.None), _busyDelay);
                return;
            }
        }
    }

    /// <returns>
    /// False when the run was skipped, or stays queued, because another run of the pipeline was running, a user canceled it, or it is
    /// quarantined.
    /// </returns>
    private async Task<bool> RunToCompletion(long runId, CancellationToken cancellation, bool skipsIfBusy = true)
    {
        var run = await runner.Run(runId, cancellation, skipsIfBusy);
        cancellation.ThrowIfCancellationRequested();
        // Still running means that another worker executes this run, and interrupted that another run of the pipeline is running; the
        // exception makes Hangfire retry the job later.
        return run.Status is RunStatus.Failed or RunStatus.Running or RunStatus.Interrupted && !run.IsQuarantined
            ? throw new PipelineFailedException(run)
            : run.Status == RunStatus.Succeeded;
    }
}

/// <summary>The pending dates of a scheduled pipeline.</summary>
public sealed class CatchUp(TitanicDb db, DriftReader drift, IOptions<PipelineSchedule> settings)
{
    /// <summary>Maximum number of pending dates; older missed days are not run.</summary>
    public const int MaximumDays = 366;

    /// <summary>
    /// The days after the last successful run up to <paramref name="today"/>; only <paramref name="today"/> unless the policy for missed
    /// runs is <see cref="MissedRunPolicy.All"/>. Days for which the upstream pipeline has not succeeded, and
    /// days whose scheduled run a user canceled, are excluded.
    /// </summary>
    /// <returns>
    /// The days in ascending order, at most <see cref="MaximumDays"/>, and whether further days wait for the upstream pipeline.
    /// </returns>
    public async Task<(IReadOnlyList<DateOnly> Days, bool IsWaiting)> PendingDates(Schedule schedule, DateOnly today, CancellationToken cancellation)
    {
        var pipeline = schedule.Pipeline;
        var last = await LastSucceededDay(pipeline, today, cancellation);
        var first = last?.AddDays(1) ?? today;
        var earliest = schedule.Values.MissedRuns == MissedRunPolicy.All ? today.AddDays(1 - MaximumDays) : today;
        if (first < earliest)
            first = earliest;
        var through = today;
        if (PipelineNames.UpstreamOf(pipeline) is { } upstream && (await LastSucceededDay(upstream, today, cancellation) ?? first.AddDays(-1)) is var done && done < today)
            through = done;
        var canceled = await CanceledDays(pipeline, first, through, cancellation);
        var days = Enumerable.Range(0, Math.Max(0, through.DayNumber - first.DayNumber + 1)).Select(first.AddDays).Except(canceled).ToList();
        return (days, through < today && first <= today);
    }

    /// <summary>The dates whose scheduled run waits for the end of another run.</summary>
    /// <param name="jobId">The job whose own runs do not count; null: none.</param>
    public async Task<IReadOnlyList<DateOnly>> QueuedDays(string pipeline, string? jobId, CancellationToken cancellation) => await db.Runs
        .Where(run => run.Pipeline == pipeline && run.Status == RunStatus.Queued && run.Trigger == RunTrigger.Schedule && run.LogicalDate != null
            && (jobId == null || run.JobId != jobId))
        .Select(run => run.LogicalDate!.Value).ToListAsync(cancellation);

    /// <summary>A run, and the newest run of the upstream pipeline for the same date; null if there is none.</summary>
    public async Task<(Run Run, Run? Upstream)> FindWithUpstream(long runId, CancellationToken cancellation)
    {
        var run = await db.Runs.AsNoTracking().SingleAsync(r => r.RunId == runId, cancellation);
        var upstream = PipelineNames.UpstreamOf(run.Pipeline);
        return (run, await db.Runs.AsNoTracking()
            .Where(r => r.Pipeline == upstream && r.LogicalDate == run.LogicalDate && r.Trigger != RunTrigger.Upload && !r.IsConcurrent)
            .OrderByDescending(r => r.RunId).FirstOrDefaultAsync(cancellation));
    }

    /// <summary>
    /// The days whose scheduled run a user canceled: the schedule does not run them again. A later run of the day that a user started decides
    /// anew, so that a failed one is repeated.
    /// </summary>
    private Task<List<DateOnly>> CanceledDays(string pipeline, DateOnly first, DateOnly last, CancellationToken cancellation)
    {
        var ofDays = db.Runs.Where(run => run.Pipeline == pipeline && run.LogicalDate >= first && run.LogicalDate <= last && run.Trigger != RunTrigger.Upload);
        return ofDays
            .Where(run => run.Trigger == RunTrigger.Schedule && run.Status == RunStatus.Cancelled && run.CancelRequestedAt != null
                && !ofDays.Any(later => later.LogicalDate == run.LogicalDate && later.RunId > run.RunId
                    && later.Status != RunStatus.Skipped && later.Status != RunStatus.Cancelled))
            .Select(run => run.LogicalDate!.Value).Distinct().ToListAsync(cancellation);
    }

    /// <summary>
    /// Whether <see cref="PipelineSchedule.TrainingOnAlarm"/> is set, the accuracy alarm is raised, and no training run was queued since the monitoring run that raised it. Stored runs decide, so
    /// that a job that is repeated after its process was killed queues one training run.
    /// </summary>
    public async Task<bool> IsTrainingDueAfterAlarm(CancellationToken cancellation)
    {
        if (!settings.Value.TrainingOnAlarm || await drift.FindAccuracyAlarm(cancellation) is not { } raisedOn)
            return false;
        var raisedBy = db.Runs.Where(run => run.Pipeline == PipelineNames.Monitoring && run.Status == RunStatus.Succeeded && run.LogicalDate == raisedOn);
        return await raisedBy.AnyAsync(cancellation)
            && !await db.Runs.AnyAsync(run => run.Pipeline == PipelineNames.Training && run.RunId > raisedBy.Min(raising => raising.RunId), cancellation);
    }

    // A run for a future day, for example a simulated one, does not mean that the days before it were run. A run after an upload does not
    // mean that the day was run: the passengers of the day's stream may arrive later.
    private Task<DateOnly?> LastSucceededDay(string pipeline, DateOnly today, CancellationToken cancellation) => db.Runs
        .Where(r => r.Pipeline == pipeline && r.Status == RunStatus.Succeeded && r.Trigger != RunTrigger.Upload && r.LogicalDate <= today).MaxAsync(r => r.LogicalDate, cancellation);
}
