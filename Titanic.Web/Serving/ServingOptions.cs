using Microsoft.Extensions.Options;

namespace Titanic.Web.Serving;

/// <summary>Configuration section <c>Serving</c>.</summary>
public sealed class ServingOptions
{
    public const string Section = "Serving";

    /// <summary>When an answer is given: after its row is durable, before it is, or without a row.</summary>
    public AnswerLog Log { get; set; } = AnswerLog.Durable;

    /// <summary>One transaction stores so many answers at most; one request's answers are never parted, and may be more.</summary>
    public int LogBatchRows { get; set; } = 10_000;

    /// <summary>So many answers wait to be stored at most. Whoever comes then waits for room.</summary>
    public int LogQueueRows { get; set; } = 100_000;

    /// <summary>So long a batch waits for company. 0: it takes what is there, and the next gathers while it commits.</summary>
    public TimeSpan LogDelay { get; set; } = TimeSpan.Zero;

    /// <summary>So long a question waits to be stored before it is refused, whatever keeps it waiting.</summary>
    public TimeSpan LogTimeout { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>So long the answer to a request with an <c>Idempotency-Key</c> is kept.</summary>
    public TimeSpan IdempotencyTime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>So often a process looks by itself who is champion, in case an announcement was lost.</summary>
    public TimeSpan ChampionPollInterval { get; set; } = TimeSpan.FromSeconds(15);

    internal sealed class Validator : IValidateOptions<ServingOptions>
    {
        public ValidateOptionsResult Validate(string? name, ServingOptions options)
        {
            string[] problems =
            [
                .. Among("Log", (int)options.Log, 0, (int)AnswerLog.Off),
                .. Among("LogBatchRows", options.LogBatchRows, 1, 100_000),
                .. Among("LogQueueRows", options.LogQueueRows, PredictionsApi.MostQuestions, 10_000_000),
                .. Between("LogDelay", options.LogDelay, TimeSpan.Zero, TimeSpan.FromSeconds(1)),
                .. Between("LogTimeout", options.LogTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30)),
                .. Between("ChampionPollInterval", options.ChampionPollInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
                .. Between("IdempotencyTime", options.IdempotencyTime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365)),
            ];
            if (options.LogDelay >= options.LogTimeout)
                problems = [.. problems, FormattableString.Invariant($"LogDelay is {options.LogDelay}; it must be less than LogTimeout, {options.LogTimeout}.")];
            return problems.Length == 0
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(problems.Select(problem => $"Configuration section '{Section}': {problem}"));
        }

        private static IEnumerable<string> Among(string setting, int value, int least, int most) =>
            value >= least && value <= most ? [] : [FormattableString.Invariant($"{setting} is {value}; it must be {least} to {most}.")];

        private static IEnumerable<string> Between(string setting, TimeSpan value, TimeSpan least, TimeSpan most) =>
            value >= least && value <= most ? [] : [FormattableString.Invariant($"{setting} is {value}; it must be {least} to {most}.")];
    }
}

/// <summary>What an answer's being given says about its row.</summary>
public enum AnswerLog
{
    /// <summary>The row is committed.</summary>
    Durable,

    /// <summary>The row will be stored soon; a process that is killed takes with it what it had not stored yet.</summary>
    Async,

    /// <summary>There is no row, and the answer has no id.</summary>
    Off,
}
