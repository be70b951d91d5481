using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Pipelines.Alerts;

/// <summary>Configuration section "Alerts": when conditions open alerts, and where webhooks send them.</summary>
public sealed class AlertOptions : IValidatableObject
{
    public const string Section = "Alerts";

    /// <summary>How long after its scheduled time a run may start, 1 minute to 7 days. Default: 2 hours.</summary>
    [SettingRange(Section, "00:01:00", "7.00:00:00")]
    public TimeSpan MissedRunAfter { get; set; } = TimeSpan.FromHours(2);

    /// <summary>
    /// How long after the scheduled feature run the passengers of the day must be stored, 1 minute to 7 days. Default: 6 hours.
    /// </summary>
    [SettingRange(Section, "00:01:00", "7.00:00:00")]
    public TimeSpan LateDataAfter { get; set; } = TimeSpan.FromHours(6);

    /// <summary>
    /// Days after <c>Stream:OutcomeDelayDays</c> on which the outcome of a passenger is overdue, 1 to 365. Default: 7.
    /// </summary>
    [SettingRange(Section, 1, 365)]
    public int OverdueOutcomeDays { get; set; } = 7;

    /// <summary>How long a run may be queued, 1 minute to 7 days. Default: 15 minutes.</summary>
    [SettingRange(Section, "00:01:00", "7.00:00:00")]
    public TimeSpan StalledQueueAfter { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The receivers of webhooks. Default: none.</summary>
    public IReadOnlyList<WebhookEndpoint> Webhooks { get; set; } = [];

    /// <summary>
    /// The hosts to which webhooks may be sent, comma-separated; <c>*.example.com</c> allows all hosts below example.com. Default: none.
    /// </summary>
    public string AllowedHosts { get; set; } = "";

    /// <summary>Whether webhooks may be sent to private, loopback and link-local addresses. Default: false.</summary>
    public bool AllowPrivateAddresses { get; set; }

    internal bool IsAllowed(string host) => AllowedHosts
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Any(allowed => allowed.StartsWith("*.", StringComparison.Ordinal)
            ? host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)
            : host.Equals(allowed, StringComparison.OrdinalIgnoreCase));

    /// <summary>No message contains a URL or a secret: both can authorize their owner.</summary>
    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        for (var i = 0; i < Webhooks.Count; i++)
        {
            var name = $"{Section}:{nameof(Webhooks)}:{i}";
            var (url, secret) = ($"{name}:{nameof(WebhookEndpoint.Url)}", $"{name}:{nameof(WebhookEndpoint.Secret)}");
            if (Webhooks[i].Address is not { } address)
                yield return new($"{url} is not valid; it must be an http or https URL without user name.");
            else if (!IsAllowed(address.IdnHost))
                yield return new($"{url} has the host \"{address.IdnHost}\"; it must be one of {Section}:{nameof(AllowedHosts)}.");
            if (Webhooks[i].Key is null)
            {
                yield return new($"{secret} is not valid; it must be whsec_ followed by "
                    + $"{WebhookEndpoint.MinimumKeyBytes} to {WebhookEndpoint.MaximumKeyBytes} random bytes in base64.");
            }
        }
        if (Webhooks.Select(webhook => webhook.Url).Distinct().Count() < Webhooks.Count)
            yield return new($"{Section}:{nameof(Webhooks)} has the same URL twice; each must be given once.");
    }
}

/// <summary>A receiver of webhooks.</summary>
public sealed class WebhookEndpoint
{
    /// <summary>The allowed length of a key, by the Standard Webhooks specification.</summary>
    public const int MinimumKeyBytes = 24, MaximumKeyBytes = 64;

    private const string SecretPrefix = "whsec_";

    /// <summary>Where to send; it can contain an access token and is not shown.</summary>
    public string Url { get; set; } = "";

    /// <summary>The key of the signatures: <c>whsec_</c> followed by base64.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Null if <see cref="Url"/> is not valid.</summary>
    internal Uri? Address =>
        Uri.TryCreate(Url, UriKind.Absolute, out var address) && address.UserInfo.Length == 0
            && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps) ? address : null;

    /// <summary>Null if <see cref="Secret"/> is not valid.</summary>
    internal byte[]? Key
    {
        get
        {
            var buffer = new byte[MaximumKeyBytes];
            return Secret.StartsWith(SecretPrefix, StringComparison.Ordinal)
                && Convert.TryFromBase64String(Secret[SecretPrefix.Length..], buffer, out var length) && length >= MinimumKeyBytes
                    ? buffer[..length] : null;
        }
    }
}

[OptionsValidator]
internal sealed partial class AlertOptionsValidator : IValidateOptions<AlertOptions>;
