using Cronos;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.Options;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pipelines.Schedules;

/// <summary>What happens at a scheduled time while another run of the pipeline is running.</summary>
public enum OverlapPolicy
{
    /// <summary>The run is recorded as skipped; its date is pending at the next scheduled time.</summary>
    Skip,

    /// <summary>The run waits until the other one has ended. At most one run of a date waits.</summary>
    Queue,
}

/// <summary>What happens with dates that were due while no process ran, the pipeline was paused, or a run failed.</summary>
public enum MissedRunPolicy
{
    /// <summary>Each missed date is run, oldest first, at once when processes run again or the pipeline is resumed.</summary>
    All,

    /// <summary>As <see cref="All"/>, but only today is run.</summary>
    Latest,

    /// <summary>Nothing is run before the next scheduled time, which runs today.</summary>
    Skip,
}

/// <summary>The values of a schedule that an operator edits.</summary>
/// <param name="Cron">Five fields, UTC.</param>
/// <param name="DeadlineMinutes">Minutes after the scheduled time until the run must have succeeded; null: no deadline.</param>
public sealed record ScheduleValues(string Cron, int? DeadlineMinutes, OverlapPolicy Overlap, MissedRunPolicy MissedRuns)
{
    public const int MinimumDeadline = 1, MaximumDeadline = 7 * 24 * 60;

    /// <summary>Four hours: longer than a run takes, and than <c>Alerts:MissedRunAfter</c>, which reports a run that did not start.</summary>
    public const int DefaultDeadline = 240;

    /// <summary>The values without a stored schedule.</summary>
    public static ScheduleValues Default(string pipeline, string cron) => new(
        cron, DefaultDeadline, OverlapPolicy.Skip, PipelineNames.RunsLatestDayOnly(pipeline) ? MissedRunPolicy.Latest : MissedRunPolicy.All);
}

/// <summary>The schedule of a pipeline with its pauses.</summary>
/// <param name="Stored">The edited values; null if the values are those of the settings.</param>
/// <param name="Pauses">Oldest first.</param>
public sealed record Schedule(string Pipeline, ScheduleValues Values, StoredSchedule? Stored, IReadOnlyList<SchedulePause> Pauses)
{
    /// <summary>The current pause; null if the pipeline is not paused.</summary>
    public SchedulePause? Pause => Pauses.FirstOrDefault(pause => pause.ResumedAt is null);

    /// <summary>The schedule in words, without the time zone.</summary>
    public string Description => CronText.Describe(Values.Cron);

    private CronExpression Cron => CronExpression.Parse(Values.Cron);

    public TimeSpan? Deadline => Values.DeadlineMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null;

    /// <summary>Number of edits; 0 if the values are those of the settings.</summary>
    public int Version => Stored?.Version ?? 0;

    /// <summary>The next scheduled time after an instant; null if the cron expression has no future occurrence.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset instant) => Cron.GetNextOccurrence(instant, TimeZoneInfo.Utc);

    /// <summary>The next scheduled times after an instant, at most <paramref name="count"/>.</summary>
    public IEnumerable<DateTimeOffset> NextAfter(DateTimeOffset instant, int count)
    {
        for (var next = NextAfter(instant); count-- > 0 && next is { } time; next = NextAfter(time))
            yield return time;
    }

    /// <summary>The newest scheduled time up to an instant; null if there is none within 32 days before it.</summary>
    public DateTimeOffset? NewestUntil(DateTimeOffset instant)
    {
        TimeSpan[] ranges = [TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(32)]; // a frequent schedule needs few occurrences
        var cron = Cron;
        return ranges.Select(range => cron.GetOccurrences(instant - range, instant, TimeZoneInfo.Utc, toInclusive: true)
            .Select(time => (DateTimeOffset?)time).LastOrDefault()).FirstOrDefault(time => time is not null);
    }

    /// <summary>The pause at an instant; null if the pipeline was not paused.</summary>
    public SchedulePause? PauseAt(DateTimeOffset instant) => Pauses.FirstOrDefault(pause => pause.Contains(instant));

    /// <summary>Whether the last scheduled time of a date, up to now, was within a pause.</summary>
    public bool IsPausedOn(DateOnly day, DateTimeOffset now)
    {
        var (start, end) = (FeatureReader.StartOf(day), new DateTimeOffset(day, TimeOnly.MaxValue, TimeSpan.Zero));
        return Pauses.Any(pause => pause.PausedAt <= end && (pause.ResumedAt is null || pause.ResumedAt > start)) // most dates are decided here
            && NewestUntil(end < now ? end : now) is { } due && due >= start && PauseAt(due) is not null;
    }
}

/// <summary>The schedule of a pipeline that an operator has edited. Without a row the settings apply.</summary>
public sealed class StoredSchedule
{
    /// <summary>One of <see cref="PipelineNames.All"/>.</summary>
    public required string Pipeline { get; init; }
    public required string Cron { get; set; }

    /// <summary>Since when the cron expression applies: scheduled times before it are not due.</summary>
    public DateTimeOffset CronSince { get; set; }
    public int? DeadlineMinutes { get; set; }
    public OverlapPolicy Overlap { get; set; }
    public MissedRunPolicy MissedRuns { get; set; }

    /// <summary>Number of edits.</summary>
    public int Version { get; set; }
    public DateTimeOffset ChangedAt { get; set; }
    public required string ChangedBy { get; set; }
}

/// <summary>A time in which the schedule starts no run of a pipeline.</summary>
public sealed class SchedulePause
{
    public long SchedulePauseId { get; init; }
    public required string Pipeline { get; init; }
    public DateTimeOffset PausedAt { get; init; }
    public required string PausedBy { get; init; }
    public required string Reason { get; init; }

    /// <summary>Null while the pause lasts.</summary>
    public DateTimeOffset? ResumedAt { get; set; }
    public string? ResumedBy { get; set; }

    public bool Contains(DateTimeOffset instant) => instant >= PausedAt && !(instant >= ResumedAt);
}

/// <summary>Reads the schedules. Nothing is kept in memory, so that all processes have the same schedule.</summary>
public sealed class ScheduleReader(TitanicDb db, IOptions<PipelineSchedule> settings)
{
    /// <summary>The schedules in the order of <see cref="PipelineNames.All"/>.</summary>
    public async Task<IReadOnlyList<Schedule>> ReadAll(CancellationToken cancellation)
    {
        var stored = await db.Schedules.AsNoTracking().ToDictionaryAsync(schedule => schedule.Pipeline, cancellation);
        var pauses = (await db.SchedulePauses.AsNoTracking().OrderBy(pause => pause.SchedulePauseId).ToListAsync(cancellation)).ToLookup(pause => pause.Pipeline);
        return [.. PipelineNames.All.Select(pipeline => Create(pipeline, stored.GetValueOrDefault(pipeline), [.. pauses[pipeline]]))];
    }

    /// <param name="pipeline">One of <see cref="PipelineNames.All"/>.</param>
    /// <param name="cancellation">Cancels the queries.</param>
    public async Task<Schedule> Read(string pipeline, CancellationToken cancellation)
    {
        var stored = await db.Schedules.AsNoTracking().SingleOrDefaultAsync(schedule => schedule.Pipeline == pipeline, cancellation);
        return Create(pipeline, stored, await db.SchedulePauses.AsNoTracking()
            .Where(pause => pause.Pipeline == pipeline).OrderBy(pause => pause.SchedulePauseId).ToListAsync(cancellation));
    }

    private Schedule Create(string pipeline, StoredSchedule? stored, IReadOnlyList<SchedulePause> pauses) => new(
        pipeline,
        stored is null
            ? ScheduleValues.Default(pipeline, settings.Value.CronOf(pipeline))
            : new(stored.Cron, stored.DeadlineMinutes, stored.Overlap, stored.MissedRuns),
        stored, pauses);
}

internal sealed class StoredScheduleTable : IEntityTypeConfiguration<StoredSchedule>
{
    public void Configure(EntityTypeBuilder<StoredSchedule> schedules)
    {
        schedules.ToTable("schedules");
        schedules.HasKey(s => s.Pipeline);
        schedules.Property(s => s.Overlap).HasConversion<string>();
        schedules.Property(s => s.MissedRuns).HasConversion<string>();
    }
}

internal sealed class SchedulePauseTable : IEntityTypeConfiguration<SchedulePause>
{
    public void Configure(EntityTypeBuilder<SchedulePause> pauses)
    {
        pauses.ToTable("schedule_pauses");
        pauses.HasKey(p => p.SchedulePauseId);
        pauses.Property(p => p.SchedulePauseId).UseIdentityAlwaysColumn();
        pauses.HasIndex(p => p.Pipeline).IsUnique().HasFilter("resumed_at is null"); // a pipeline has one pause at a time
    }
}
