using Microsoft.Extensions.Options;

namespace Titanic.Web.Serving;

/// <summary>Configuration section <c>Serving</c>.</summary>
public sealed class ServingOptions
{
    public const string Section = "Serving";

    /// <summary>
    /// Whether predictions are stored: <c>durable</c> (the default) or <c>off</c>, in any case; see <see cref="PredictionLogMode"/>.
    /// </summary>
    public string Log { get; set; } = nameof(PredictionLogMode.Durable);

    internal PredictionLogMode LogMode => Enum.Parse<PredictionLogMode>(Log, ignoreCase: true);

    /// <summary>
    /// The maximum number of rows of one transaction, 1 to 100,000. A request is never split, so a large one may exceed it.
    /// </summary>
    public int LogBatchRows { get; set; } = 10_000;

    /// <summary>The maximum number of rows that are queued for storing, 10,000 to 10,000,000. A request that exceeds it waits.</summary>
    public int LogQueueRows { get; set; } = 100_000;

    /// <summary>
    /// The maximum time to wait for more rows before a batch is written, 0 to 1 second. With 0, a batch is what is queued.
    /// </summary>
    public TimeSpan LogDelay { get; set; } = TimeSpan.Zero;

    /// <summary>The maximum time that a request waits for its rows to be stored, 0.1 to 30 seconds; then it fails with 503.</summary>
    public TimeSpan LogTimeout { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How long the response to a request with an <c>Idempotency-Key</c> is kept, 1 minute to 365 days.</summary>
    public TimeSpan IdempotencyTime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How often a process reads the champion from the registry in case a notification was lost, 0.1 seconds to 1 hour.</summary>
    public TimeSpan ChampionPollInterval { get; set; } = TimeSpan.FromSeconds(15);

    internal sealed class ServingOptionsValidator : IValidateOptions<ServingOptions>
    {
        private static readonly string[] _modes = [.. Enum.GetNames<PredictionLogMode>().Select(name => name.ToLowerInvariant())];

        public ValidateOptionsResult Validate(string? name, ServingOptions options)
        {
            string[] problems =
            [
                .. _modes.Contains(options.Log, StringComparer.OrdinalIgnoreCase)
                    ? []
                    : (string[])[$"Log is \"{options.Log}\"; it must be {string.Join(" or ", _modes)}."],
                .. CheckRange("LogBatchRows", options.LogBatchRows, 1, 100_000),
                .. CheckRange("LogQueueRows", options.LogQueueRows, PredictionsApi.MaximumInputs, 10_000_000),
                .. CheckTimeRange("LogDelay", options.LogDelay, TimeSpan.Zero, TimeSpan.FromSeconds(1)),
                .. CheckTimeRange("LogTimeout", options.LogTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30)),
                .. CheckTimeRange("ChampionPollInterval", options.ChampionPollInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
                .. CheckTimeRange("IdempotencyTime", options.IdempotencyTime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365)),
            ];
            if (options.LogDelay >= options.LogTimeout)
            {
                problems =
                [
                    .. problems,
                    FormattableString.Invariant($"LogDelay is {options.LogDelay}; it must be less than LogTimeout, which is {options.LogTimeout}."),
                ];
            }
            return problems.Length == 0
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(problems.Select(problem => $"Configuration section '{Section}': {problem}"));
        }

        private static IEnumerable<string> CheckRange(string setting, int value, int minimum, int maximum) =>
            value >= minimum && value <= maximum ? [] : [FormattableString.Invariant($"{setting} is {value}; it must be {minimum} to {maximum}.")];

        private static IEnumerable<string> CheckTimeRange(string setting, TimeSpan value, TimeSpan minimum, TimeSpan maximum) =>
            value >= minimum && value <= maximum ? [] : [FormattableString.Invariant($"{setting} is {value}; it must be {minimum} to {maximum}.")];
    }
}

/// <summary>Whether predictions are stored.</summary>
public enum PredictionLogMode
{
    /// <summary>A response is sent after the row of its prediction is committed.</summary>
    Durable,

    /// <summary>Predictions are not stored and have no id.</summary>
    Off,
}
