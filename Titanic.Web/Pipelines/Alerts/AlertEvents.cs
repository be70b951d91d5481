using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Titanic.Web.Database;

namespace Titanic.Web.Pipelines.Alerts;

/// <summary>Adds the history of an alert and the messages to the receivers, in the caller's transaction.</summary>
public sealed class AlertEvents(TitanicDb db, IOptions<AlertOptions> options, TimeProvider clock)
{
    /// <summary>The type of a test message.</summary>
    public const string TestType = "alert.test";

    // Pages of receivers can contain the body, so the default encoder, which escapes markup, stays.
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.Default };

    /// <summary>Saves the changed alert with an event and one delivery for each receiver.</summary>
    public async Task Record(Alert alert, AlertEventKind kind, string? who, string? note, CancellationToken cancellation)
    {
        var occurred = new AlertEvent { AlertId = alert.AlertId, Kind = kind, At = clock.GetUtcNow(), Who = who, Note = note };
        db.AlertEvents.Add(occurred);
        await db.SaveChangesAsync(cancellation); // assigns the id of the event
        Add($"alert.{kind.ToString().ToLowerInvariant()}", AlertResponse.Of(alert), occurred.AlertEventId);
        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>Saves a test message to each receiver.</summary>
    /// <returns>The number of receivers.</returns>
    public async Task<int> RecordTest(CancellationToken cancellation)
    {
        Add(TestType, alert: null, eventId: null);
        await db.SaveChangesAsync(cancellation);
        return options.Value.Webhooks.Count;
    }

    private void Add(string type, AlertResponse? alert, long? eventId)
    {
        var now = clock.GetUtcNow();
        db.WebhookDeliveries.AddRange(options.Value.Webhooks.Select(webhook => new WebhookDelivery
        {
            DeliveryId = Guid.CreateVersion7(now),
            AlertEventId = eventId,
            Url = webhook.Url,
            Type = type,
            Body = JsonSerializer.Serialize(new WebhookMessage(type, now, alert), _json),
            Status = DeliveryStatus.Pending,
            CreatedAt = now,
            NextAttemptAt = now,
        }));
    }

    /// <param name="Type"><c>alert.</c> and the kind of the event, or <see cref="TestType"/>.</param>
    /// <param name="Timestamp">When the event occurred.</param>
    /// <param name="Data">The alert after the event, as in <c>GET /api/alerts</c>; null for a test.</param>
    private sealed record WebhookMessage(string Type, DateTimeOffset Timestamp, AlertResponse? Data);
}

/// <summary>Operators' actions on an alert. Repeating one changes nothing.</summary>
public sealed class AlertActions(TitanicDb db, AlertEvents events, Access.AuditLog audit, TimeProvider clock)
{
    public const int MaximumNoteLength = 1_000;

    /// <summary>Records that an operator knows about an open alert.</summary>
    /// <returns>The alert; null if it does not exist.</returns>
    /// <exception cref="AlertActionException">The note is too long, or the alert is resolved.</exception>
    public Task<Alert?> Acknowledge(long id, string who, string? note, CancellationToken cancellation) =>
        Change(id, AlertEventKind.Acknowledged, who, note, cancellation);

    /// <summary>
    /// Resolves an alert. While its condition lasts it is not opened again; after the condition has ended, its return opens it again.
    /// </summary>
    /// <inheritdoc cref="Acknowledge"/>
    public Task<Alert?> Resolve(long id, string who, string? note, CancellationToken cancellation) =>
        Change(id, AlertEventKind.Resolved, who, note, cancellation);

    private async Task<Alert?> Change(long id, AlertEventKind kind, string who, string? note, CancellationToken cancellation)
    {
        note = string.IsNullOrWhiteSpace(note) ? null : note.Trim();
        if (note?.Length > MaximumNoteLength)
        {
            throw new AlertActionException(
                ErrorText.OutOfRange("The length of the note", note.Length, 0, MaximumNoteLength), isConflict: false);
        }
        if (note?.Contains('\0', StringComparison.Ordinal) == true)
            throw new AlertActionException("The note contains the character U+0000; it must be text.", isConflict: false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var found = await db.Alerts.FromSql($"select * from alerts where alert_id = {id} for update").ToListAsync(cancellation);
        var alert = found.SingleOrDefault();
        var target = kind == AlertEventKind.Resolved ? AlertState.Resolved : AlertState.Acknowledged;
        if (alert is null || alert.State == target)
            return alert;
        if (alert.State == AlertState.Resolved)
            throw new AlertActionException($"Alert {id} is resolved; only an open alert can be acknowledged.", isConflict: true);
        var now = clock.GetUtcNow();
        (alert.State, alert.Note) = (target, note);
        if (target == AlertState.Resolved)
            (alert.ResolvedAt, alert.ResolvedBy) = (now, who);
        else
            (alert.AcknowledgedAt, alert.AcknowledgedBy) = (now, who);
        await events.Record(alert, kind, who, note, cancellation);
        await audit.Record(who, $"alert {target.ToString().ToLowerInvariant()}", $"alert {id}", note, cancellation);
        await transaction.CommitAsync(cancellation);
        return alert;
    }
}

/// <summary>An action on an alert was rejected; nothing was changed.</summary>
public sealed class AlertActionException(string message, bool isConflict) : Exception(message)
{
    /// <summary>Whether the state of the alert does not permit the action; otherwise a parameter is invalid.</summary>
    public bool IsConflict { get; } = isConflict;
}
