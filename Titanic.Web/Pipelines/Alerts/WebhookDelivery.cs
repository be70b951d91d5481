using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.Pipelines.Alerts;

/// <summary>
/// A message to one receiver. It is stored in the transaction of its event and sent afterwards, so that every stored event is sent and no
/// other.
/// </summary>
public sealed class WebhookDelivery
{
    /// <summary>The id of the message is made of it; every attempt has the same one, by which a receiver detects duplicates.</summary>
    public Guid DeliveryId { get; init; }

    /// <summary>Null for a test message.</summary>
    public long? AlertEventId { get; init; }

    /// <summary>The URL of the <see cref="WebhookEndpoint"/>. Only its host is shown.</summary>
    public required string Url { get; init; }

    /// <summary>As in the body.</summary>
    public required string Type { get; init; }

    /// <summary>The JSON document, the same at every attempt.</summary>
    public required string Body { get; init; }
    public DeliveryStatus Status { get; set; }
    public int Attempts { get; set; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the next attempt is due; during an attempt, when another process repeats it because this one was killed.</summary>
    public DateTimeOffset NextAttemptAt { get; set; }
    public DateTimeOffset? LastAttemptAt { get; set; }

    /// <summary>The HTTP status of the last attempt; null without a response.</summary>
    public int? ResponseCode { get; set; }

    /// <summary>Why the last attempt failed; null if it succeeded.</summary>
    public string? Error { get; set; }

    public string MessageId => $"msg_{DeliveryId:N}";

    public string Host => new Uri(Url).Authority;
}

public enum DeliveryStatus
{
    /// <summary>Waiting for its first or next attempt.</summary>
    Pending,
    Delivered,

    /// <summary>All attempts failed, or the receiver is no longer configured.</summary>
    Failed,
}

internal sealed class WebhookDeliveryTable : IEntityTypeConfiguration<WebhookDelivery>
{
    public void Configure(EntityTypeBuilder<WebhookDelivery> deliveries)
    {
        deliveries.ToTable("webhook_deliveries");
        deliveries.HasKey(d => d.DeliveryId);
        deliveries.Property(d => d.DeliveryId).ValueGeneratedNever();
        deliveries.Property(d => d.Status).HasConversion<string>();
        deliveries.Ignore(d => d.MessageId);
        deliveries.Ignore(d => d.Host);
        deliveries.HasIndex(d => new { d.AlertEventId, d.Url }).IsUnique().HasFilter("alert_event_id is not null");
        deliveries.HasIndex(d => d.NextAttemptAt).HasFilter("status = 'Pending'");
        deliveries.HasIndex(d => d.CreatedAt);
        deliveries.HasOne<AlertEvent>().WithMany().HasForeignKey(d => d.AlertEventId).OnDelete(DeleteBehavior.Restrict);
    }
}
