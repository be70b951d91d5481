using Hangfire;
using Npgsql;
using Titanic.Web.Access;

namespace Titanic.Web.Pipelines;

/// <summary>Runs pipelines for a range of dates.</summary>
public sealed class RunRanges(RunCalendar calendar, PipelineRunner runner, IBackgroundJobClient jobs, AuditLog audit, NpgsqlDataSource postgres)
{
    /// <summary>Maximum number of days of a range.</summary>
    public const int MaximumDays = 366;

    /// <summary>The runs that <see cref="Enqueue"/> would queue: by date, then in the order of the pipelines.</summary>
    public async Task<IReadOnlyList<PlannedRun>> Plan(RunRange range, CancellationToken cancellation)
    {
        var days = await calendar.Read(range.From, range.To, cancellation);
        return
        [
            .. days.Reverse().SelectMany(day => day.Pipelines
                .Where(cell => range.Pipelines.Contains(cell.Pipeline) && (range.OnlyMissing ? cell.IsMissing : cell.State != CalendarState.Running))
                .Select(cell => new PlannedRun(day.Date, cell.Pipeline, cell.State, null))),
        ];
    }

    /// <summary>
    /// Queues the runs of a range. A date for which a run is queued or running is left out, so that a repeated request queues nothing twice.
    /// All records are stored in one transaction. The runs of one pipeline are executed one after the other, each after its upstream run.
    /// </summary>
    /// <param name="caller">The caller's name for the audit log.</param>
    public async Task<IReadOnlyList<PlannedRun>> Enqueue(RunRange range, RunTrigger trigger, string caller, CancellationToken cancellation)
    {
        // Two requests at the same time: the second one finds the records of the first.
        await using var oneAtATime = await PipelineLock.Acquire(postgres, "run range", cancellation);
        var plan = await Plan(range, cancellation);
        if (plan.Count == 0)
            return plan;
        var runs = await runner.Queue([.. plan.Select(planned => new RunRequest(planned.Pipeline, planned.Date, trigger) { RequestedBy = caller })], cancellation);
        foreach (var ofPipeline in runs.GroupBy(run => run.Pipeline))
        {
            long[] ids = [.. ofPipeline.Select(run => run.RunId)];
            jobs.Enqueue<PipelineJobs>(PipelineNames.QueueOf(ofPipeline.Key), job => job.RunInOrder(ids, CancellationToken.None));
        }
        await audit.Record(
            caller, "runs requested", $"runs {runs[0].RunId} to {runs[^1].RunId}",
            $"{string.Join(", ", range.Pipelines)} from {Format.Date(range.From)} to {Format.Date(range.To)}, {(range.OnlyMissing ? "missing dates" : "all dates")}", cancellation);
        return [.. plan.Zip(runs, (planned, run) => planned with { RunId = run.RunId })];
    }
}

/// <summary>Pipelines and dates to run.</summary>
/// <param name="Pipelines">Some of <see cref="PipelineNames.All"/>.</param>
/// <param name="OnlyMissing">Whether only dates are run that were missed, or whose newest run failed or was skipped.</param>
public sealed record RunRange(DateOnly From, DateOnly To, IReadOnlyList<string> Pipelines, bool OnlyMissing)
{
    /// <summary>Parses the parameters of a range.</summary>
    /// <param name="from">First date, such as 2026-11-23.</param>
    /// <param name="to">Last date; null or empty means today.</param>
    /// <param name="pipelines">Null or empty means <see cref="PipelineNames.Daily"/>.</param>
    /// <exception cref="RunRejectedException">A parameter is invalid.</exception>
    public static RunRange Parse(string? from, string? to, IReadOnlyList<string>? pipelines, bool onlyMissing, DateOnly today)
    {
        if (string.IsNullOrEmpty(from))
            throw new RunRejectedException(nameof(from), "The parameter from is missing; it must be the first date, such as 2026-11-23.");
        var first = ParseDate(from, nameof(from));
        var last = string.IsNullOrEmpty(to) ? today : ParseDate(to, nameof(to));
        if (RunCalendar.FindRangeError(first, last, RunRanges.MaximumDays) is { } error)
            throw new RunRejectedException(nameof(to), error);
        if (pipelines?.FirstOrDefault(name => !PipelineNames.All.Contains(name)) is { } unknown)
            throw new RunRejectedException(nameof(pipelines), PipelineNames.NotFoundMessage(unknown));
        return new(first, last, pipelines is { Count: > 0 } ? [.. PipelineNames.All.Where(pipelines.Contains)] : PipelineNames.Daily, onlyMissing);

        DateOnly ParseDate(string text, string parameter) =>
            RunRules.ParseDate(text, today, out var invalid) ?? throw new RunRejectedException(parameter, invalid!);
    }
}

/// <summary>A run of a range.</summary>
/// <param name="State">The state of the date before.</param>
/// <param name="RunId">Null until it is queued.</param>
public sealed record PlannedRun(DateOnly Date, string Pipeline, CalendarState State, long? RunId);
