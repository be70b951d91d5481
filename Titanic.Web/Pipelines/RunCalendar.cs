using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Pipelines.Alerts;
using Titanic.Web.Pipelines.Schedules;

namespace Titanic.Web.Pipelines;

/// <summary>
/// The state of each pipeline for each logical date, from the stored runs. Imports, uploads and the inference runs for them, training as of a
/// point in time, and training of alternative algorithms belong to no date.
/// </summary>
public sealed class RunCalendar(NpgsqlDataSource postgres, ScheduleReader schedules, IOptions<AlertOptions> alerts, TimeProvider clock)
{
    /// <summary>Maximum number of days of a read: ten years.</summary>
    public const int MaximumDays = 3_660;

    /// <summary>Number of days without a request for another one.</summary>
    public const int DefaultDays = 14;

    /// <summary>SQL: the runs that belong to a date. An interrupted run that continues by itself (<see cref="Run.WillContinue"/>) is running.</summary>
    private const string DatedRuns =
        """
        (
            select pipeline, logical_date, run_id, trigger, ended_at - started_at as duration,
                   case when status = 'Interrupted' and trigger not in ('CommandLine', 'Bootstrap') then 'Running' else status end as status
            from runs
            where logical_date is not null and backfill is null and challenger is null and trigger <> 'Upload' and not is_beside) dated
        """;

    /// <summary>
    /// Only runs in progress, ended ones and the others, in this order, decide a state: a skipped run changes nothing. Among them the newest.
    /// </summary>
    private const string SelectRuns =
        $"""
        select distinct on (pipeline, logical_date) pipeline, logical_date, run_id, status, duration
        from {DatedRuns}
        where logical_date between @from and @to
        order by pipeline, logical_date, case when status in ('Queued', 'Running') then 0 when status in ('Succeeded', 'Failed') then 1 else 2 end, run_id desc
        """;

    /// <summary>The first date that the schedule or the first start ran a pipeline for, and the newest date that it has succeeded for.</summary>
    private const string SelectDates =
        $"""
        select pipeline, min(logical_date) filter (where trigger in ('Schedule', 'Bootstrap')), max(logical_date) filter (where status = 'Succeeded')
        from {DatedRuns}
        group by pipeline
        """;

    /// <summary>The error of a range of dates; null for an allowed one.</summary>
    public static string? FindRangeError(DateOnly from, DateOnly to, int maximumDays = MaximumDays) =>
        to < from ? $"The last date is {Format.Date(to)}; it must not be before the first date, {Format.Date(from)}."
        : to.DayNumber - from.DayNumber >= maximumDays
            ? $"{Format.Date(from)} to {Format.Date(to)} are {Format.Count(to.DayNumber - from.DayNumber + 1)} days; there must be at most {Format.Count(maximumDays)}."
        : null;

    /// <summary>Reads the states of a range of dates.</summary>
    /// <param name="from">First date.</param>
    /// <param name="to">Last date; at most <see cref="MaximumDays"/> days.</param>
    /// <param name="cancellation">Cancels the queries.</param>
    /// <returns>All dates of the range, newest first.</returns>
    public async Task<IReadOnlyList<CalendarDay>> Read(DateOnly from, DateOnly to, CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        var now = clock.GetUtcNow();
        var schedulesByPipeline = (await schedules.ReadAll(cancellation)).ToDictionary(schedule => schedule.Pipeline);
        var dates = await ReadDates(connection, schedulesByPipeline, cancellation);
        var cells = new Dictionary<(string Pipeline, DateOnly Day), CalendarCell>();
        await using var command = new NpgsqlCommand(SelectRuns, connection);
        command.Parameters.AddWithValue("from", from);
        command.Parameters.AddWithValue("to", to);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var pipeline = row.GetString(0);
            cells.Add(
                (pipeline, row.GetFieldValue<DateOnly>(1)),
                new(pipeline, StateOf(Enum.Parse<RunStatus>(row.GetString(3))), row.GetInt64(2), row.IsDBNull(4) ? null : row.GetFieldValue<TimeSpan>(4)));
        }
        return [.. Enumerable.Range(0, to.DayNumber - from.DayNumber + 1).Select(before => DayOf(to.AddDays(-before)))];

        CalendarDay DayOf(DateOnly day) => new(
            day, [.. PipelineNames.All.Select(pipeline => cells.GetValueOrDefault((pipeline, day)) ?? WithoutRun(schedulesByPipeline[pipeline], day, dates.GetValueOrDefault(pipeline), now))]);
    }

    private async Task<Dictionary<string, PipelineDates>> ReadDates(
        NpgsqlConnection connection, Dictionary<string, Schedule> schedulesByPipeline, CancellationToken cancellation)
    {
        var lateSince = clock.GetUtcNow() - alerts.Value.MissedRunAfter;
        var dates = new Dictionary<string, PipelineDates>();
        await using var command = new NpgsqlCommand(SelectDates, connection);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var pipeline = row.GetString(0);
            dates.Add(pipeline, new(
                row.IsDBNull(1) ? null : row.GetFieldValue<DateOnly>(1), row.IsDBNull(2) ? null : row.GetFieldValue<DateOnly>(2),
                schedulesByPipeline.GetValueOrDefault(pipeline)?.NewestUntil(lateSince) is { } due ? DateOnly.FromDateTime(due.UtcDateTime) : null));
        }
        return dates;
    }

    private static CalendarState StateOf(RunStatus status) => status switch
    {
        RunStatus.Queued or RunStatus.Running => CalendarState.Running,
        RunStatus.Succeeded => CalendarState.Done,
        RunStatus.Failed => CalendarState.Failed,
        _ => CalendarState.Skipped,
    };

    private static CalendarCell WithoutRun(Schedule schedule, DateOnly day, PipelineDates? dates, DateTimeOffset now)
    {
        var pipeline = schedule.Pipeline;
        if (dates is null || dates.First is null || day < dates.First)
            return new(pipeline, CalendarState.None);
        if (PipelineNames.RunsLatestDayOnly(pipeline) && day < dates.Succeeded)
            return new(pipeline, CalendarState.Replaced);
        if (schedule.IsPausedOn(day, now))
            return new(pipeline, CalendarState.Paused);
        return new(pipeline, day <= dates.Overdue ? CalendarState.Missed : CalendarState.None);
    }

    /// <param name="First">The first date that the schedule or the first start ran the pipeline for.</param>
    /// <param name="Succeeded">The newest date that the pipeline has succeeded for.</param>
    /// <param name="Overdue">The newest date whose scheduled time is longer ago than <see cref="AlertOptions.MissedRunAfter"/>.</param>
    private sealed record PipelineDates(DateOnly? First, DateOnly? Succeeded, DateOnly? Overdue);
}

/// <summary>A date of the calendar.</summary>
/// <param name="Date">The logical date (UTC).</param>
/// <param name="Pipelines">In the order of <see cref="PipelineNames.All"/>.</param>
public sealed record CalendarDay(DateOnly Date, IReadOnlyList<CalendarCell> Pipelines);

/// <summary>A pipeline on a date.</summary>
/// <param name="RunId">The run that decides the state; null without a run.</param>
/// <param name="Duration">Duration of this run; null unless it has started and ended.</param>
public sealed record CalendarCell(string Pipeline, CalendarState State, long? RunId = null, TimeSpan? Duration = null)
{
    /// <summary>Whether a run of the missing dates includes this one: it was missed, or its newest run failed or was skipped.</summary>
    public bool IsMissing => State is CalendarState.Missed or CalendarState.Failed or CalendarState.Skipped;
}

public enum CalendarState
{
    /// <summary>No run, and none was due: before the first scheduled date, or the scheduled time is not longer ago than a run may be late.</summary>
    None,

    /// <summary>The newest run that ended succeeded.</summary>
    Done,

    /// <summary>The newest run that ended failed.</summary>
    Failed,

    /// <summary>No run, although the scheduled time has passed.</summary>
    Missed,

    /// <summary>All runs were skipped or canceled.</summary>
    Skipped,

    /// <summary>No run, and none is needed: the run of a later date includes this date.</summary>
    Replaced,

    /// <summary>A run is queued or running.</summary>
    Running,

    /// <summary>No run: the schedule was paused at the scheduled time.</summary>
    Paused,
}
