using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Access;

/// <summary>
/// Token buckets per client. A client is an API key, wherever its requests come from, or else a remote address. Endpoints that predict
/// require the policy <see cref="Predicting"/>; all other requests that can write share a second bucket without any declaration, so that no
/// endpoint can omit it. Of reads, only <see cref="CostlyReads"/> are limited.
/// </summary>
public static class RateLimits
{
    /// <summary>The policy for <c>RequireRateLimiting</c> of every endpoint that predicts; they all share one bucket per client.</summary>
    public const string Predicting = "predicting";

    public static IServiceCollection AddRateLimits(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<RateLimitOptions>, RateLimitOptionsValidator>()
            .AddOptions<RateLimitOptions>().Bind(configuration.GetSection(RateLimitOptions.Section)).ValidateOnStart();
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<RateLimitOptions>>((limiter, options) => Configure(limiter, options.Value));
        return services;
    }

    private static void Configure(RateLimiterOptions limiter, RateLimitOptions options)
    {
        var predicting = options.PredictingBucket();
        var writing = options.WritingBucket();
        limiter.AddPolicy(Predicting, context => Partition(context, predicting));
        limiter.AddPolicy(CostlyReads.Policy, CostlyReads.Partition);
        if (writing is not null)
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, object>(context => Partition(context, IsWrite(context) ? writing : null));
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = (rejected, _) => new ValueTask(CostlyReads.IsRejectedBy(rejected.Lease)
            ? CostlyReads.Reject(rejected.HttpContext)
            : Reject(rejected, IsPredicting(rejected.HttpContext) ? options.FormatPredictingLimit() : options.FormatWritingLimit()));
    }

    /// <summary>The partition of the request's client.</summary>
    /// <param name="bucket">The bucket of each client; null: no limit.</param>
    private static RateLimitPartition<object> Partition(HttpContext context, TokenBucketRateLimiterOptions? bucket) => bucket is null
        ? RateLimitPartition.GetNoLimiter<object>(Predicting)
        : RateLimitPartition.GetTokenBucketLimiter<object>((object?)RemoteClient.ApiKeyNameOf(context) ?? RemoteClient.AddressOf(context), _ => bucket);

    private static bool IsWrite(HttpContext context) =>
        !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && !HttpMethods.IsOptions(context.Request.Method)
        && !IsPredicting(context) && context.Features.Get<IStatusCodeReExecuteFeature>() is null; // the error page of a rejected request is not limited

    private static bool IsPredicting(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>() is { PolicyName: Predicting };

    private static Task Reject(OnRejectedContext rejected, string limit)
    {
        var context = rejected.HttpContext;
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.Zero;
        var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.RetryAfter = seconds;
        var sender = RemoteClient.ApiKeyNameOf(context) is { } key ? $"the {key}" : "your address";
        return AuthChallenge.IsApiRequest(context.Request)
            ? AuthChallenge.TooManyRequests(context, $"Too many requests from {sender}; the limit is {limit}. Nothing was done; try again in {seconds} s.")
            : Task.CompletedTask; // a browser gets the error page of this status
    }
}

/// <summary>The configuration section <c>Access:RateLimits</c>; a value of 0 means no limit.</summary>
public sealed class RateLimitOptions
{
    public const string Section = "Access:RateLimits";

    private const int Maximum = 1_000_000;
    private const string NoLimit = "no limit";

    private static readonly TimeSpan _timerInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Prediction requests per second that one client can send on average, over all endpoints; default 2000. A request with an array of
    /// inputs counts once.
    /// </summary>
    [SettingRange(Section, 1, Maximum, MeaningOfZero = NoLimit)]
    public int PredictingPerSecond { get; set; } = 2_000;

    /// <summary>Prediction requests that one client can send at once when its bucket is full; default 4000.</summary>
    [SettingRange(Section, 1, Maximum, MeaningOfZero = NoLimit)]
    public int PredictingBurst { get; set; } = 4_000;

    /// <summary>Other requests that can write which one client can send per minute, on average and at once; default 300.</summary>
    [SettingRange(Section, 1, Maximum, MeaningOfZero = NoLimit)]
    public int WritingPerMinute { get; set; } = 300;

    /// <summary>The bucket of one client; null without a limit.</summary>
    internal TokenBucketRateLimiterOptions? PredictingBucket() => PredictingPerSecond == 0 || PredictingBurst == 0
        ? null
        : CreateBucket(PredictingPerSecond, TimeSpan.FromSeconds(1), PredictingBurst);

    /// <inheritdoc cref="PredictingBucket"/>
    internal TokenBucketRateLimiterOptions? WritingBucket() => WritingPerMinute == 0
        ? null
        : CreateBucket(WritingPerMinute, TimeSpan.FromMinutes(1), WritingPerMinute);

    internal string FormatPredictingLimit() => FormattableString.Invariant(
        $"{Quantity.Of(PredictingPerSecond, "prediction request")} per second, {PredictingBurst:N0} at once");

    internal string FormatWritingLimit() => $"{Quantity.Of(WritingPerMinute, "write request")} per minute";

    /// <summary>
    /// A bucket that is replenished in small steps, so that the wait for the next token is short: every 100 ms, which is how often the
    /// limiter replenishes, or whenever one token is due.
    /// </summary>
    private static TokenBucketRateLimiterOptions CreateBucket(int permits, TimeSpan period, int burst)
    {
        var tokens = (int)Math.Ceiling(permits * (_timerInterval / period));
        return new TokenBucketRateLimiterOptions { TokensPerPeriod = tokens, ReplenishmentPeriod = period * tokens / permits, TokenLimit = burst };
    }
}

[OptionsValidator]
internal sealed partial class RateLimitOptionsValidator : IValidateOptions<RateLimitOptions>;
