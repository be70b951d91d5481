using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Pipelines.Schedules;

namespace Titanic.Web.Pipelines;

/// <summary>Reads what the daily pipelines do, and whether they have failed: at any instant, from the stored times of the runs.</summary>
public sealed class PipelineStates(TitanicDb db, ScheduleReader schedules)
{
    /// <summary>Maximum number of runs in which a running and a failed one are searched for.</summary>
    private const int NewestRuns = 20;

    /// <summary>The states of pipelines; runs without a logical date, such as imports, are not part of them.</summary>
    /// <param name="pipelines">Some of <see cref="PipelineNames.All"/>.</param>
    /// <param name="at">The instant, inclusive: now or earlier.</param>
    /// <param name="cancellation">Cancels the queries.</param>
    public async Task<IReadOnlyList<PipelineState>> Read(IReadOnlyList<string> pipelines, DateTimeOffset at, CancellationToken cancellation)
    {
        var states = new List<PipelineState>();
        foreach (var schedule in (await schedules.ReadAll(cancellation)).Where(schedule => pipelines.Contains(schedule.Pipeline)))
            states.Add(await Read(schedule, at, cancellation));
        return states;
    }

    private async Task<PipelineState> Read(Schedule schedule, DateTimeOffset at, CancellationToken cancellation)
    {
        var pipeline = schedule.Pipeline;
        var daily = db.Runs.AsNoTracking().Where(run => run.Pipeline == pipeline && run.LogicalDate != null && run.QueuedAt <= at);
        var newest = await daily
            .Where(run => run.Status != RunStatus.Skipped && run.Status != RunStatus.Cancelled)
            .OrderByDescending(run => run.RunId).Take(NewestRuns)
            .Select(run => new
            {
                Run = new RunReference(run.RunId, run.LogicalDate!.Value),
                Status = run.EndedAt <= at ? run.Status : run.StartedAt <= at ? RunStatus.Running : RunStatus.Queued,
                // A run that failed can be executed again; its log has the failure.
                HasFailedBefore = run.Attempts > 1 && db.RunLog.Any(line => line.RunId == run.RunId && line.IsError && line.At <= at),
            }).ToListAsync(cancellation);
        var ended = newest.Find(of => of.Status is RunStatus.Succeeded or RunStatus.Failed || of.HasFailedBefore);
        return new(
            pipeline,
            newest.Find(of => of.Status == RunStatus.Running)?.Run,
            ended is not null && ended.Status != RunStatus.Succeeded ? ended.Run : null,
            await daily.Where(run => run.Status == RunStatus.Succeeded && run.EndedAt <= at).OrderByDescending(run => run.RunId)
                .Select(run => new RunReference(run.RunId, run.LogicalDate!.Value)).FirstOrDefaultAsync(cancellation),
            schedule.NextAfter(at))
        { IsPaused = schedule.PauseAt(at) is not null };
    }

    /// <summary>Whether the first start was simulating past days; false before it began.</summary>
    /// <param name="at">The instant: now or earlier.</param>
    /// <param name="cancellation">Cancels the query.</param>
    public Task<bool> IsFirstStartUnfinished(DateTimeOffset at, CancellationToken cancellation) =>
        db.SetupProgress.AnyAsync(setup => setup.StartedAt <= at && (setup.FinishedAt == null || setup.FinishedAt > at), cancellation);
}

/// <summary>What a daily pipeline does at an instant.</summary>
/// <param name="Pipeline">One of <see cref="PipelineNames"/>.</param>
/// <param name="Running">The run in progress; null if there is none.</param>
/// <param name="Failed">The run that ended last, if it failed.</param>
/// <param name="Succeeded">The newest successful run; null if there is none.</param>
/// <param name="NextAt">The next scheduled time; null if the schedule has none.</param>
public sealed record PipelineState(string Pipeline, RunReference? Running, RunReference? Failed, RunReference? Succeeded, DateTimeOffset? NextAt)
{
    /// <summary>Whether the schedule is paused: the next scheduled time starts no run.</summary>
    public bool IsPaused { get; init; }
}

/// <summary>A run with its logical date, for a link.</summary>
public sealed record RunReference(long RunId, DateOnly Day);
