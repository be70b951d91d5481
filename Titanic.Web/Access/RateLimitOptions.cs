using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Access;

/// <summary>Configuration section <c>Access:RateLimits</c>; 0 anywhere: no limit.</summary>
public sealed class RateLimitOptions
{
    public const string Section = "Access:RateLimits";

    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    /// <summary>Requests for answers, by whichever door, that one client may send per second on average. An array counts as one.</summary>
    public int PredictingPerSecond { get; set; } = 2_000;

    /// <summary>How many of them may come at once after a quiet time.</summary>
    public int PredictingBurst { get; set; } = 4_000;

    /// <summary>Other requests that may write which one client may send per minute, on average and at once.</summary>
    public int WritingPerMinute { get; set; } = 300;

    /// <summary>Null without a limit.</summary>
    internal TokenBucketRateLimiterOptions? PredictingBucket() => PredictingPerSecond == 0 || PredictingBurst == 0
        ? null
        : Bucket(PredictingPerSecond, TimeSpan.FromSeconds(1), PredictingBurst);

    /// <inheritdoc cref="PredictingBucket"/>
    internal TokenBucketRateLimiterOptions? WritingBucket() => WritingPerMinute == 0
        ? null
        : Bucket(WritingPerMinute, TimeSpan.FromMinutes(1), WritingPerMinute);

    internal string PredictingInWords() => FormattableString.Invariant($"{PredictingPerSecond} requests for answers a second, {PredictingBurst} at once");

    internal string WritingInWords() => FormattableString.Invariant($"{WritingPerMinute} requests that write a minute");

    /// <summary>Filled bit by bit, so that waiting takes no longer than until the next bit: as often as the limiter looks, ten times a second, or less.</summary>
    private static TokenBucketRateLimiterOptions Bucket(int permits, TimeSpan period, int burst)
    {
        var bit = (int)Math.Ceiling(permits * (_look / period));
        return new TokenBucketRateLimiterOptions { TokensPerPeriod = bit, ReplenishmentPeriod = period * bit / permits, TokenLimit = burst };
    }
}

internal sealed class RateLimitOptionsValidation : IValidateOptions<RateLimitOptions>
{
    private const int Most = 1_000_000;

    public ValidateOptionsResult Validate(string? name, RateLimitOptions options)
    {
        string[] complaints =
        [
            .. Count(nameof(options.PredictingPerSecond), options.PredictingPerSecond),
            .. Count(nameof(options.PredictingBurst), options.PredictingBurst),
            .. Count(nameof(options.WritingPerMinute), options.WritingPerMinute),
        ];
        return complaints is [] ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(complaints);
    }

    private static IEnumerable<string> Count(string setting, int seen) =>
        seen is >= 0 and <= Most ? [] : [FormattableString.Invariant($"{RateLimitOptions.Section}:{setting} is {seen}; it must be between 1 and {Most}, or 0 for no limit.")];
}
