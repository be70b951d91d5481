using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;

namespace Titanic.Web.Pipelines.Alerts;

/// <summary>
/// One incident: a condition of one of <see cref="AlertRules"/> from its first evaluation until it has been absent for
/// <see cref="AlertEvaluation.ResolveAfter"/>. While it lasts (<see cref="EndedAt"/> is null) a unique index allows no second alert of the
/// same rule and subject.
/// </summary>
public sealed class Alert
{
    public long AlertId { get; init; }

    /// <summary>Name of the <see cref="AlertRule"/>.</summary>
    public required string Rule { get; init; }

    /// <summary>What the rule found, for example a feature, a pipeline, or a pipeline with its logical date.</summary>
    public required string Subject { get; init; }
    public AlertState State { get; set; }

    /// <summary>What happened, in one or two sentences, at the last evaluation that found the condition.</summary>
    public required string Message { get; set; }

    /// <summary>The path of the page with the evidence, such as <c>/runs/12</c>.</summary>
    public required string Link { get; set; }

    /// <summary>The values that the rule compared, by name.</summary>
    public required IReadOnlyDictionary<string, string> Evidence { get; set; }
    public DateTimeOffset OpenedAt { get; init; }

    /// <summary>The last evaluation that found the condition.</summary>
    public DateTimeOffset LastSeenAt { get; set; }

    /// <summary>The first evaluation without the condition since <see cref="LastSeenAt"/>; null while the condition is present.</summary>
    public DateTimeOffset? AbsentSince { get; set; }

    /// <summary>
    /// When the condition had been absent long enough; null while the incident lasts, also if an operator resolved the alert.
    /// </summary>
    public DateTimeOffset? EndedAt { get; set; }
    public DateTimeOffset? AcknowledgedAt { get; set; }
    public string? AcknowledgedBy { get; set; }
    public DateTimeOffset? ResolvedAt { get; set; }

    /// <summary>The operator who resolved the alert; null if it was resolved because its condition ended.</summary>
    public string? ResolvedBy { get; set; }

    /// <summary>The operator's note of the last action.</summary>
    public string? Note { get; set; }
}

public enum AlertState
{
    Open,

    /// <summary>An operator knows about it.</summary>
    Acknowledged,
    Resolved,
}

/// <summary>One change of an alert's state; rows are never changed.</summary>
public sealed class AlertEvent
{
    public long AlertEventId { get; init; }
    public long AlertId { get; init; }
    public AlertEventKind Kind { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>The operator; null for the evaluation of the rules.</summary>
    public string? Who { get; init; }

    /// <summary>The operator's note; for the evaluation, the message of the alert.</summary>
    public string? Note { get; init; }
}

public enum AlertEventKind
{
    Opened,

    /// <summary>The condition came back soon after it had ended.</summary>
    Reopened,
    Acknowledged,
    Resolved,
}

/// <summary>The last evaluation of the rules: one row.</summary>
public sealed class AlertEvaluationState
{
    public int Id { get; init; } = 1;
    public DateTimeOffset EvaluatedAt { get; set; }

    /// <summary>
    /// The first evaluation after a time without evaluations, in which no process ran. Work that was missed in between is not late before it
    /// could be caught up.
    /// </summary>
    public DateTimeOffset ResumedAt { get; set; }
}

internal sealed class AlertTable : IEntityTypeConfiguration<Alert>
{
    public void Configure(EntityTypeBuilder<Alert> alerts)
    {
        alerts.ToTable("alerts", table => table.HasCheckConstraint("ck_alerts_ended", "ended_at is null or state = 'Resolved'"));
        alerts.HasKey(a => a.AlertId);
        alerts.Property(a => a.AlertId).UseIdentityAlwaysColumn();
        alerts.Property(a => a.State).HasConversion<string>();
        alerts.Property(a => a.Evidence).HasJsonColumn();
        // One incident is one alert, also if it is evaluated twice or by several processes. An unresolved alert has not ended.
        alerts.HasIndex(a => new { a.Rule, a.Subject }).IsUnique().HasFilter("ended_at is null");
        alerts.HasIndex(a => a.EndedAt).HasFilter("ended_at is not null");
        alerts.HasIndex(a => a.State).HasFilter("state <> 'Resolved'"); // every page counts the open alerts
        alerts.HasIndex(a => new { a.Rule, a.AlertId });
    }
}

internal sealed class AlertEventTable : IEntityTypeConfiguration<AlertEvent>
{
    public void Configure(EntityTypeBuilder<AlertEvent> events)
    {
        events.ToTable("alert_events");
        events.HasKey(e => e.AlertEventId);
        events.Property(e => e.AlertEventId).UseIdentityAlwaysColumn();
        events.Property(e => e.Kind).HasConversion<string>();
        events.HasIndex(e => new { e.AlertId, e.AlertEventId });
        events.HasOne<Alert>().WithMany().HasForeignKey(e => e.AlertId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class AlertEvaluationTable : IEntityTypeConfiguration<AlertEvaluationState>
{
    public void Configure(EntityTypeBuilder<AlertEvaluationState> evaluation)
    {
        evaluation.ToTable("alert_evaluation", table => table.HasCheckConstraint("ck_alert_evaluation_one_row", "id = 1"));
        evaluation.HasKey(e => e.Id);
        evaluation.Property(e => e.Id).ValueGeneratedNever();
    }
}
