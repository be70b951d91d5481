using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Titanic.Web.Database;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines.Alerts;

/// <summary>
/// Sends the stored deliveries that are due, with the headers and signatures of the Standard Webhooks specification. A delivery is claimed
/// in the database before it is sent, so several processes can send: each delivery is sent at least once, and again only after a failure.
/// </summary>
public sealed partial class WebhookSender(
    TitanicDb db, IHttpClientFactory clients, IOptions<AlertOptions> options, TimeProvider clock, ILogger<WebhookSender> log)
{
    /// <summary>The name of the HTTP client, which connects by <see cref="PublicConnections"/>.</summary>
    public const string ClientName = "webhooks";

    /// <summary>The time for connection, request and response headers.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>The delays after failed attempts; after the attempt that follows the last one, the delivery has failed.</summary>
    public static readonly IReadOnlyList<TimeSpan> Delays =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2), TimeSpan.FromHours(6),
    ];

    /// <summary>The number of attempts after which a delivery has failed.</summary>
    public static int MaximumAttempts => Delays.Count + 1;

    /// <summary>When another process may repeat an attempt whose process was killed.</summary>
    private static readonly TimeSpan _lease = TimeSpan.FromMinutes(1);

    private const int Batch = 10;

    /// <summary>Sends the deliveries that are due, oldest first.</summary>
    /// <returns>The number of attempts.</returns>
    public async Task<int> SendDue(CancellationToken cancellation)
    {
        var attempts = 0;
        while (await Claim(cancellation) is { Count: > 0 } claimed)
        {
            var results = await Task.WhenAll(claimed.Select(delivery => Send(delivery, cancellation)));
            foreach (var (delivery, result) in claimed.Zip(results))
                Apply(delivery, result);
            await db.SaveChangesAsync(cancellation);
            db.ChangeTracker.Clear();
            attempts += claimed.Count;
        }
        return attempts;
    }

    private async Task<List<WebhookDelivery>> Claim(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var claimed = await db.WebhookDeliveries.FromSql(
            $"""
            select * from webhook_deliveries where status = 'Pending' and next_attempt_at <= {now}
            order by next_attempt_at, delivery_id limit {Batch} for update skip locked
            """).ToListAsync(cancellation);
        foreach (var delivery in claimed)
            (delivery.Attempts, delivery.LastAttemptAt, delivery.NextAttemptAt) = (delivery.Attempts + 1, now, now + _lease);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return claimed;
    }

    private async Task<AttemptResult> Send(WebhookDelivery delivery, CancellationToken cancellation)
    {
        if (options.Value.Webhooks.FirstOrDefault(webhook => webhook.Url == delivery.Url) is not { Address: { } address, Key: { } key })
            return new(null, "The receiver is no longer configured.", IsFinal: true);
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Content = new StringContent(delivery.Body, Encoding.UTF8, "application/json");
        request.Headers.Add("webhook-id", delivery.MessageId);
        request.Headers.Add("webhook-timestamp", FormattableString.Invariant($"{timestamp}"));
        request.Headers.Add("webhook-signature", Sign(key, delivery.MessageId, timestamp, delivery.Body));
        try
        {
            // The headers decide; the body is not read.
            using var response = await clients.CreateClient(ClientName)
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            var code = (int)response.StatusCode;
            return new(code, response.IsSuccessStatusCode ? null
                : code is >= 300 and < 400 ? $"The receiver returned status {code}; redirects are not followed."
                : $"The receiver returned status {code}; it must be 200 to 299.");
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return new(null, failure is HttpRequestException { InnerException: NonPublicAddressException refused }
                ? refused.Message
                : $"The receiver cannot be reached: {FailureText.OfNetwork(failure)}.");
        }
    }

    private void Apply(WebhookDelivery delivery, AttemptResult result)
    {
        (delivery.ResponseCode, delivery.Error) = (result.Code, result.Error);
        if (result.Error is null)
            delivery.Status = DeliveryStatus.Delivered;
        else if (result.IsFinal || delivery.Attempts >= MaximumAttempts)
            delivery.Status = DeliveryStatus.Failed;
        else
            delivery.NextAttemptAt = clock.GetUtcNow() + Delays[delivery.Attempts - 1];
        if (delivery.Status == DeliveryStatus.Failed)
            LogFailed(delivery.MessageId, delivery.Host, delivery.Attempts, result.Error!);
    }

    /// <summary><c>v1,</c> and the base64 of HMAC-SHA256 over <c>id.timestamp.body</c>.</summary>
    private static string Sign(byte[] key, string id, long timestamp, string body) =>
        "v1," + Convert.ToBase64String(
            HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(FormattableString.Invariant($"{id}.{timestamp}.{body}"))));

    /// <param name="Code">The HTTP status; null without a response.</param>
    /// <param name="Error">Null if the message was delivered.</param>
    /// <param name="IsFinal">Whether another attempt is useless.</param>
    private sealed record AttemptResult(int? Code, string? Error, bool IsFinal = false);

    [LoggerMessage(Level = LogLevel.Error, Message = "The webhook {MessageId} to {Host} failed after {Attempts} attempts: {Reason}")]
    private partial void LogFailed(string messageId, string host, int attempts, string reason);
}
