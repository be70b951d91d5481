using System.Globalization;
using Hangfire;
using Hangfire.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Pipelines.Schedules;

/// <summary>
/// Edits, pauses and resumes schedules. Each action is recorded in the audit log and applied to Hangfire's recurring job in the same step.
/// </summary>
public sealed class ScheduleEditor(TitanicDb db, ScheduleReader schedules, RecurringJobs jobs, AuditLog audit, TimeProvider clock)
{
    public const int MaximumReasonLength = 500;

    /// <summary>Validates values and returns the schedule that they would give; changes nothing.</summary>
    /// <exception cref="ScheduleRejectedException">A value is invalid.</exception>
    public async Task<Schedule> Preview(string pipeline, ScheduleInput input, CancellationToken cancellation)
    {
        var schedule = await schedules.Read(Require(pipeline), cancellation);
        return schedule with { Values = input.Parse(clock.GetUtcNow()) };
    }

    /// <summary>Stores new values. Equal values change nothing.</summary>
    /// <param name="version">The <see cref="Schedule.Version"/> that the caller has read; null: any.</param>
    /// <param name="caller">The caller's name for the audit log.</param>
    /// <returns>The schedule after the edit.</returns>
    /// <exception cref="ScheduleRejectedException">A value is invalid, or the schedule has been edited since it was read.</exception>
    public async Task<Schedule> Update(string pipeline, ScheduleInput input, int? version, string caller, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var values = input.Parse(now);
        await using var transaction = await Begin(pipeline, cancellation);
        var before = await schedules.Read(pipeline, cancellation);
        if (version is not null && version != before.Version)
            throw ScheduleRejectedException.Conflict($"Version {version} of the schedule is not the newest one, {before.Version}: it has been edited since. Read it and try again.");
        if (values == before.Values)
            return before;
        var stored = await db.Schedules.SingleOrDefaultAsync(schedule => schedule.Pipeline == pipeline, cancellation);
        if (stored is null)
            db.Schedules.Add(stored = new StoredSchedule { Pipeline = pipeline, Cron = before.Values.Cron, ChangedBy = caller });
        if (values.Cron != before.Values.Cron)
            stored.CronSince = now;
        (stored.Cron, stored.DeadlineMinutes, stored.Overlap, stored.MissedRuns) = (values.Cron, values.DeadlineMinutes, values.Overlap, values.MissedRuns);
        (stored.Version, stored.ChangedAt, stored.ChangedBy) = (before.Version + 1, now, caller);
        await audit.Record(caller, "schedule changed", pipeline, Describe(before.Values, values), cancellation);
        var after = await schedules.Read(pipeline, cancellation);
        jobs.Register(after);
        await transaction.CommitAsync(cancellation);
        return after;
    }

    /// <summary>Stops the schedule of a pipeline: it starts no run until it is resumed. Runs in progress, requests and uploads are not affected.</summary>
    /// <exception cref="ScheduleRejectedException">The reason is missing or too long, or the pipeline is paused.</exception>
    public async Task<Schedule> Pause(string pipeline, string? reason, string caller, CancellationToken cancellation)
    {
        reason = reason?.Trim();
        if (string.IsNullOrEmpty(reason))
            throw new ScheduleRejectedException("reason", ErrorText.Invalid("The reason", reason, $"a text of 1 to {MaximumReasonLength} characters"));
        if (reason.Length > MaximumReasonLength)
            throw new ScheduleRejectedException("reason", ErrorText.OutOfRange("The length of the reason", reason.Length, 1, MaximumReasonLength));
        await using var transaction = await Begin(pipeline, cancellation);
        if ((await schedules.Read(pipeline, cancellation)).Pause is { } existing)
            throw ScheduleRejectedException.Conflict($"The {pipeline} pipeline has been paused since {Format.UtcTime(existing.PausedAt)}: {existing.Reason}");
        db.SchedulePauses.Add(new SchedulePause { Pipeline = pipeline, PausedAt = clock.GetUtcNow(), PausedBy = caller, Reason = reason });
        await audit.Record(caller, "schedule paused", pipeline, reason, cancellation);
        await transaction.CommitAsync(cancellation);
        return await schedules.Read(pipeline, cancellation);
    }

    /// <summary>
    /// Resumes a pipeline. If it was due during the pause, the missed dates are run at once, unless its policy is to skip them.
    /// </summary>
    /// <exception cref="ScheduleRejectedException">The pipeline is not paused.</exception>
    public async Task<Schedule> Resume(string pipeline, string caller, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var transaction = await Begin(pipeline, cancellation);
        var pause = await db.SchedulePauses.SingleOrDefaultAsync(p => p.Pipeline == pipeline && p.ResumedAt == null, cancellation)
            ?? throw ScheduleRejectedException.Conflict($"The {pipeline} pipeline is not paused.");
        (pause.ResumedAt, pause.ResumedBy) = (now, caller);
        await audit.Record(
            caller, "schedule resumed", pipeline, $"paused since {Format.UtcTime(pause.PausedAt)} by {pause.PausedBy}: {pause.Reason}", cancellation);
        await transaction.CommitAsync(cancellation);
        var schedule = await schedules.Read(pipeline, cancellation);
        if (schedule.Values.MissedRuns != MissedRunPolicy.Skip && schedule.NextAfter(pause.PausedAt) <= now)
            jobs.CatchUp(pipeline);
        return schedule;
    }

    /// <summary>Applies the schedules to Hangfire's recurring jobs.</summary>
    /// <param name="onlyEdited">
    /// Whether only edited schedules are applied, which repairs jobs that an interrupted edit has left: of schedules without an edit, the
    /// settings of the process that was started last decide.
    /// </param>
    /// <param name="cancellation">Cancels the queries.</param>
    public async Task Install(bool onlyEdited, CancellationToken cancellation)
    {
        await using var transaction = await Begin(PipelineNames.Feature, cancellation);
        foreach (var schedule in (await schedules.ReadAll(cancellation)).Where(schedule => !onlyEdited || schedule.Stored is not null))
            jobs.Register(schedule);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Begins a transaction in which no other process edits or installs schedules, so that none overwrites the work of another with older values.</summary>
    private async Task<IDbContextTransaction> Begin(string pipeline, CancellationToken cancellation)
    {
        Require(pipeline);
        var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('schedules', 0))", cancellation);
        return transaction;
    }

    private static string Require(string pipeline) =>
        PipelineNames.All.Contains(pipeline) ? pipeline : throw ScheduleRejectedException.NotFound(pipeline);

    /// <summary>The changed values, before and after.</summary>
    private static string Describe(ScheduleValues before, ScheduleValues after)
    {
        (string Name, string Before, string After)[] values =
        [
            ("cron", before.Cron, after.Cron), ("deadline", Text(before.DeadlineMinutes), Text(after.DeadlineMinutes)),
            ("overlap", before.Overlap.ToString(), after.Overlap.ToString()), ("missed runs", before.MissedRuns.ToString(), after.MissedRuns.ToString()),
        ];
        return string.Join("; ", values.Where(value => value.Before != value.After).Select(value => $"{value.Name}: {value.Before} to {value.After}"));

        static string Text(int? minutes) => minutes is { } deadline ? Quantity.Of(deadline, "minute") : "none";
    }
}

/// <summary>Hangfire's recurring jobs, one for each pipeline, and the jobs that catch up.</summary>
public sealed class RecurringJobs(IRecurringJobManager recurring, IBackgroundJobClient jobs)
{
    /// <summary>
    /// Creates or updates the recurring job of a pipeline. Scheduled times that were missed while no process ran trigger it once, or not at
    /// all if the policy is to skip them. The job itself checks whether the pipeline is paused.
    /// </summary>
    public void Register(Schedule schedule)
    {
        var pipeline = schedule.Pipeline;
        recurring.AddOrUpdate(
            pipeline,
            Job.FromExpression<PipelineJobs>(job => job.RunOwedDays(pipeline, null, CancellationToken.None), PipelineNames.QueueOf(pipeline)),
            schedule.Values.Cron,
            new RecurringJobOptions
            {
                TimeZone = TimeZoneInfo.Utc,
                MisfireHandling = schedule.Values.MissedRuns == MissedRunPolicy.Skip ? MisfireHandlingMode.Ignorable : MisfireHandlingMode.Relaxed,
            });
    }

    /// <summary>Runs the pending dates of a pipeline now.</summary>
    public void CatchUp(string pipeline) =>
        jobs.Enqueue<PipelineJobs>(PipelineNames.QueueOf(pipeline), job => job.RunOwedDays(pipeline, null, CancellationToken.None));
}

/// <summary>The values of a schedule as sent by a form or a program.</summary>
/// <param name="DeadlineMinutes">Empty or null: no deadline.</param>
public sealed record ScheduleInput(string? Cron, string? DeadlineMinutes, string? Overlap, string? MissedRuns)
{
    public const string CronField = "cron", DeadlineField = "deadlineMinutes", OverlapField = "overlap", MissedRunsField = "missedRuns";

    /// <exception cref="ScheduleRejectedException">Values are invalid.</exception>
    public ScheduleValues Parse(DateTimeOffset now)
    {
        var errors = new Dictionary<string, string>();
        if (CronText.FindError(Cron, now) is { } cronError)
            errors.Add(CronField, cronError);
        int? deadline = null;
        if (!string.IsNullOrWhiteSpace(DeadlineMinutes))
        {
            if (int.TryParse(DeadlineMinutes, NumberStyles.Integer, CultureInfo.InvariantCulture, out var minutes)
                && minutes is >= ScheduleValues.MinimumDeadline and <= ScheduleValues.MaximumDeadline)
                deadline = minutes;
            else
                errors.Add(DeadlineField, ErrorText.Invalid(
                    "The deadline in minutes", DeadlineMinutes, $"{ErrorText.WholeNumber(ScheduleValues.MinimumDeadline, ScheduleValues.MaximumDeadline)}, or empty for none"));
        }
        var (overlap, missedRuns) = (ParsePolicy<OverlapPolicy>(Overlap, OverlapField, "The policy for overlapping runs", errors),
            ParsePolicy<MissedRunPolicy>(MissedRuns, MissedRunsField, "The policy for missed runs", errors));
        return errors.Count == 0
            ? new(string.Join(' ', Cron!.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), deadline, overlap, missedRuns)
            : throw new ScheduleRejectedException(errors);
    }

    private static TPolicy ParsePolicy<TPolicy>(string? text, string field, string subject, Dictionary<string, string> errors)
        where TPolicy : struct, Enum
    {
        string[] names = [.. Enum.GetNames<TPolicy>().Select(name => name.ToLowerInvariant())];
        if (!names.Contains(text))
            errors.Add(field, ErrorText.Invalid(subject, text, ErrorText.OneOf(names)));
        return Enum.TryParse<TPolicy>(text, ignoreCase: true, out var policy) ? policy : default;
    }
}

/// <summary>An action on a schedule is rejected; nothing was changed.</summary>
public sealed class ScheduleRejectedException(IReadOnlyDictionary<string, string> errors, int status = StatusCodes.Status400BadRequest)
    : Exception(string.Join(" ", errors.Values))
{
    public ScheduleRejectedException(string field, string message)
        : this(new Dictionary<string, string> { [field] = message })
    {
    }

    /// <summary>The error of each invalid member.</summary>
    public IReadOnlyDictionary<string, string> Errors { get; } = errors;

    /// <summary>The status of the response.</summary>
    public int Status { get; } = status;

    /// <summary>The action does not fit the state of the schedule.</summary>
    public static ScheduleRejectedException Conflict(string message) => new(new Dictionary<string, string> { [""] = message }, StatusCodes.Status409Conflict);

    public static ScheduleRejectedException NotFound(string pipeline) =>
        new(new Dictionary<string, string> { ["pipeline"] = PipelineNames.NotFoundMessage(pipeline) }, StatusCodes.Status404NotFound);
}
