using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.Pipelines.Alerts;

/// <summary>
/// Evaluates the rules: a function of the database and the clock, in one transaction. A database lock lets one evaluation at a time run.
/// </summary>
public sealed class AlertEvaluation(TitanicDb db, RunConditions runs, DataConditions data, AlertEvents events, TimeProvider clock)
{
    /// <summary>How long a condition must be absent before its alert is resolved, so that a changing condition is one incident.</summary>
    public static readonly TimeSpan ResolveAfter = TimeSpan.FromMinutes(5);

    /// <summary>A condition that comes back within this time after its end opens the same alert again.</summary>
    public static readonly TimeSpan ReopenWithin = TimeSpan.FromHours(1);

    /// <summary>After this time without evaluations, no process was running.</summary>
    private static readonly TimeSpan _interruption = TimeSpan.FromMinutes(5);

    /// <returns>
    /// False if nothing was evaluated, because another evaluation is running or the first start is in progress.
    /// </returns>
    public async Task<bool> Evaluate(CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (!await AcquireLock(cancellation))
            return false;
        var setup = await db.SetupProgress.AsNoTracking().SingleOrDefaultAsync(cancellation);
        if (setup is { FinishedAt: null, Error: null })
            return false;
        var now = clock.GetUtcNow();
        var resumedAt = await RecordEvaluation(now, cancellation);
        // Rows of operators' actions are locked until the end, so that neither change is lost.
        var reopensAfter = now - ReopenWithin;
        var alerts = await db.Alerts.FromSql(
            $"select * from alerts where ended_at is null or ended_at > {reopensAfter} order by alert_id for update").ToListAsync(cancellation);
        var incidents = alerts.Where(alert => alert.EndedAt is null).ToList();
        var conditions = new List<AlertCondition>(await data.Find(now, resumedAt, cancellation));
        conditions.AddRange(await runs.Find(new(now, resumedAt, setup?.FinishedAt), incidents, cancellation));
        foreach (var condition in conditions)
            await Apply(condition, alerts, now, cancellation);
        foreach (var alert in incidents.Where(alert => alert.LastSeenAt != now))
            await ApplyAbsence(alert, now, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    private async Task Apply(AlertCondition condition, List<Alert> alerts, DateTimeOffset now, CancellationToken cancellation)
    {
        var existing = alerts.LastOrDefault(alert => alert.Rule == condition.Rule && alert.Subject == condition.Subject);
        var alert = existing ?? new Alert
        {
            Rule = condition.Rule,
            Subject = condition.Subject,
            Message = condition.Message,
            Link = condition.Link,
            Evidence = condition.Evidence,
            OpenedAt = now,
        };
        (alert.Message, alert.Link, alert.Evidence) = (condition.Message, condition.Link, condition.Evidence);
        (alert.LastSeenAt, alert.AbsentSince) = (now, null);
        if (existing is null)
        {
            db.Alerts.Add(alert);
            await db.SaveChangesAsync(cancellation); // assigns the id
            await events.Record(alert, AlertEventKind.Opened, null, alert.Message, cancellation);
        }
        else if (alert.EndedAt is not null)
        {
            (alert.State, alert.EndedAt, alert.ResolvedAt, alert.ResolvedBy) = (AlertState.Open, null, null, null);
            (alert.AcknowledgedAt, alert.AcknowledgedBy, alert.Note) = (null, null, null);
            await events.Record(alert, AlertEventKind.Reopened, null, alert.Message, cancellation);
        }
    }

    private async Task ApplyAbsence(Alert alert, DateTimeOffset now, CancellationToken cancellation)
    {
        alert.AbsentSince ??= now;
        if (now - alert.AbsentSince < ResolveAfter)
            return;
        alert.EndedAt = now;
        if (alert.State == AlertState.Resolved)
            return;
        (alert.State, alert.ResolvedAt) = (AlertState.Resolved, now);
        await events.Record(alert, AlertEventKind.Resolved, null, "The condition has ended.", cancellation);
    }

    private Task<bool> AcquireLock(CancellationToken cancellation) => db.Database.SqlQuery<bool>(
        $"""select pg_try_advisory_xact_lock(hashtextextended('alerts', 0)) as "Value" """).SingleAsync(cancellation);

    /// <returns>The first evaluation after the last time without evaluations.</returns>
    private async Task<DateTimeOffset> RecordEvaluation(DateTimeOffset now, CancellationToken cancellation)
    {
        var state = await db.AlertEvaluation.SingleOrDefaultAsync(cancellation);
        if (state is null)
            db.AlertEvaluation.Add(state = new AlertEvaluationState { ResumedAt = now });
        else if (now - state.EvaluatedAt > _interruption)
            state.ResumedAt = now;
        state.EvaluatedAt = now;
        return state.ResumedAt;
    }
}
