using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Serving;

/// <summary>Configuration section <c>Serving</c>.</summary>
public sealed class ServingOptions : IValidatableObject
{
    public const string Section = "Serving";

    private static readonly string[] _modes = [.. Enum.GetNames<PredictionLogMode>().Select(name => name.ToLowerInvariant())];

    /// <summary>
    /// Whether predictions are stored: <c>durable</c> (the default) or <c>off</c>, in any case; see <see cref="PredictionLogMode"/>.
    /// </summary>
    public string Log { get; set; } = nameof(PredictionLogMode.Durable);

    internal PredictionLogMode LogMode => Enum.Parse<PredictionLogMode>(Log, ignoreCase: true);

    /// <summary>
    /// The maximum number of rows of one transaction, 1 to 100,000. A request is never split, so a large one may exceed it.
    /// </summary>
    [SettingRange(Section, 1, 100_000)]
    public int LogBatchRows { get; set; } = 10_000;

    /// <summary>The maximum number of rows that are queued for storing, 10,000 to 10,000,000. A request that exceeds it waits.</summary>
    [SettingRange(Section, PredictionsApi.MaximumInputs, 10_000_000)]
    public int LogQueueRows { get; set; } = 100_000;

    /// <summary>
    /// The maximum time to wait for more rows before a batch is written, 0 to 1 second. With 0, a batch is what is queued.
    /// </summary>
    [SettingRange(Section, "00:00:00", "00:00:01")]
    public TimeSpan LogDelay { get; set; } = TimeSpan.Zero;

    /// <summary>The maximum time that a request waits for its rows to be stored, 0.1 to 30 seconds; then it fails with 503.</summary>
    [SettingRange(Section, "00:00:00.1", "00:00:30")]
    public TimeSpan LogTimeout { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How long the response to a request with an <c>Idempotency-Key</c> is kept, 1 minute to 365 days.</summary>
    [SettingRange(Section, "00:01:00", "365.00:00:00")]
    public TimeSpan IdempotencyTime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How often a process reads the champion from the registry in case a notification was lost, 0.1 seconds to 1 hour.</summary>
    [SettingRange(Section, "00:00:00.1", "01:00:00")]
    public TimeSpan ChampionPollInterval { get; set; } = TimeSpan.FromSeconds(15);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (!_modes.Contains(Log, StringComparer.OrdinalIgnoreCase))
            yield return new(ErrorText.Invalid($"{Section}:{nameof(Log)}", Log, ErrorText.OneOf(_modes)));
        if (LogDelay >= LogTimeout)
        {
            yield return new(FormattableString.Invariant(
                $"{Section}:{nameof(LogDelay)} is {LogDelay}; it must be less than {Section}:{nameof(LogTimeout)}, which is {LogTimeout}."));
        }
    }
}

[OptionsValidator]
internal sealed partial class ServingOptionsValidator : IValidateOptions<ServingOptions>;

/// <summary>Whether predictions are stored.</summary>
public enum PredictionLogMode
{
    /// <summary>A response is sent after the row of its prediction is committed.</summary>
    Durable,

    /// <summary>Predictions are not stored and have no id.</summary>
    Off,
}
