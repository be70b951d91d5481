using Hangfire;
using Hangfire.Server;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Titanic.Web.Database;

namespace Titanic.Web.Pipelines;

/// <summary>What Hangfire calls. A job carries no more than a run's number or a pipeline's name: our own rows say what is to be done.</summary>
public sealed class PipelineJobs(PipelineRunner runner, CatchUp catchUp, IBackgroundJobClient jobs, IOptions<PipelineSchedule> schedule, TimeProvider clock)
{
    private static readonly TimeSpan _lookAgain = TimeSpan.FromMinutes(1);

    /// <summary>The schedule's tick: runs every pending date of the pipeline, oldest first. Hangfire stores the method's name.</summary>
    [AutomaticRetry(Attempts = 3, DelaysInSeconds = [30, 120, 600])]
    public async Task RunOwedDays(string pipeline, PerformContext? context, CancellationToken cancellation)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var (days, isWaiting) = await catchUp.PendingDates(pipeline, today, cancellation);
        foreach (var day in days)
        {
            var run = await runner.Queue(new RunRequest(pipeline, day, RunTrigger.Schedule), context?.BackgroundJob.Id, cancellation);
            if (!await RunToEnd(run.RunId, cancellation))
                return;
        }
        if (isWaiting && !NextTickComesFirst(pipeline))
            jobs.Schedule<PipelineJobs>(PipelineNames.QueueOf(pipeline), job => job.RunOwedDays(pipeline, null, CancellationToken.None), _lookAgain);
    }

    /// <summary>Then the next tick does the waiting; else each day of a lasting trouble would add a waiter.</summary>
    private bool NextTickComesFirst(string pipeline) =>
        schedule.Value.NextAfter(pipeline, clock.GetUtcNow()) is { } next && next <= clock.GetUtcNow() + _lookAgain;

    /// <summary>A run that somebody asked for.</summary>
    [AutomaticRetry(Attempts = 3, DelaysInSeconds = [5, 30, 120])]
    public Task RunQueued(long runId, CancellationToken cancellation) => RunToEnd(runId, cancellation);

    /// <returns>False when another run of the pipeline was under way.</returns>
    private async Task<bool> RunToEnd(long runId, CancellationToken cancellation)
    {
        var run = await runner.Run(runId, cancellation);
        cancellation.ThrowIfCancellationRequested();
        // Still running means that the job's first worker is not gone yet: Hangfire has to come back.
        return run.Status is RunStatus.Failed or RunStatus.Running ? throw new PipelineFailedException(run) : run.Status == RunStatus.Succeeded;
    }
}

/// <summary>The pending dates of a scheduled pipeline.</summary>
public sealed class CatchUp(TitanicDb db)
{
    /// <summary>Of more missed days than this, only the newest are run.</summary>
    public const int MostDays = 366;

    /// <summary>
    /// Pending are, for feature, inference and monitoring, all days since the last successful one; for training and the audit only the latest: see
    /// <see cref="PipelineNames.TakesOnlyTheLatestDay"/>. No pipeline takes a day that the one before it has not finished.
    /// </summary>
    /// <returns>The days in order, and whether the upstream pipeline still has to finish some.</returns>
    public async Task<(IReadOnlyList<DateOnly> Days, bool IsWaiting)> PendingDates(string pipeline, DateOnly today, CancellationToken cancellation)
    {
        var last = await LastDone(pipeline, today, cancellation);
        var first = last?.AddDays(1) ?? today;
        var earliest = PipelineNames.TakesOnlyTheLatestDay(pipeline) ? today : today.AddDays(1 - MostDays);
        if (first < earliest)
            first = earliest;
        var through = today;
        if (PipelineNames.UpstreamOf(pipeline) is { } upstream && (await LastDone(upstream, today, cancellation) ?? first.AddDays(-1)) is var done && done < today)
            through = done;
        var days = Enumerable.Range(0, Math.Max(0, through.DayNumber - first.DayNumber + 1)).Select(first.AddDays).ToList();
        return (days, through < today && first <= today);
    }

    // A day of the future that somebody ran or simulated says nothing about the days before it.
    private Task<DateOnly?> LastDone(string pipeline, DateOnly today, CancellationToken cancellation) => db.Runs
        .Where(r => r.Pipeline == pipeline && r.Status == RunStatus.Succeeded && r.LogicalDate <= today).MaxAsync(r => r.LogicalDate, cancellation);
}
