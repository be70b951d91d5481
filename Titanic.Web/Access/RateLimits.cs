using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Access;

/// <summary>
/// How fast one client may send: an API key is one client wherever it calls from, everybody else is their address. Each has a bucket of
/// requests that fills evenly. What asks for answers says so with <see cref="Predicting"/>; whatever else may write is counted without
/// saying anything, so that no endpoint can forget to. Reading is not counted.
/// </summary>
public static class RateLimits
{
    /// <summary>To write after <c>RequireRateLimiting</c>, for every door that answers questions; all of them draw on one bucket.</summary>
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
        limiter.AddPolicy(Predicting, context => Bucket(context, predicting));
        if (writing is not null)
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, object>(context => Bucket(context, MayWrite(context) ? writing : null));
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = (rejected, _) => new ValueTask(Refuse(rejected, IsPredicting(rejected.HttpContext) ? options.PredictingInWords() : options.WritingInWords()));
    }

    /// <param name="bucket">Null: as much as they like.</param>
    private static RateLimitPartition<object> Bucket(HttpContext context, TokenBucketRateLimiterOptions? bucket) => bucket is null
        ? RateLimitPartition.GetNoLimiter<object>(Predicting)
        : RateLimitPartition.GetTokenBucketLimiter<object>((object?)RemoteClient.KeyOf(context) ?? RemoteClient.AddressOf(context), _ => bucket);

    private static bool MayWrite(HttpContext context) =>
        !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && !HttpMethods.IsOptions(context.Request.Method)
        && !IsPredicting(context) && context.Features.Get<IStatusCodeReExecuteFeature>() is null; // a refusal is not refused

    private static bool IsPredicting(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>() is { PolicyName: Predicting };

    private static Task Refuse(OnRejectedContext rejected, string limit)
    {
        var context = rejected.HttpContext;
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.Zero;
        var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.RetryAfter = seconds;
        var sender = RemoteClient.KeyOf(context) is { } key ? $"the {key}" : "your address";
        return Refusal.IsForProgram(context.Request)
            ? Refusal.TooMany(context, $"There were more requests from {sender} than are allowed: {limit}. Nothing was done; try again in {seconds} s.")
            : Task.CompletedTask; // a person gets the page of this status
    }
}

/// <summary>Configuration section <c>Access:RateLimits</c>; 0 anywhere: no limit.</summary>
public sealed class RateLimitOptions
{
    public const string Section = "Access:RateLimits";

    private const int Largest = 1_000_000;
    private const string NoLimit = "no limit";

    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    /// <summary>Requests for answers, by whichever door, that one client may send per second on average. An array counts as one.</summary>
    [SettingRange(Section, 1, Largest, MeaningOfZero = NoLimit)]
    public int PredictingPerSecond { get; set; } = 2_000;

    /// <summary>How many of them may come at once after a quiet time.</summary>
    [SettingRange(Section, 1, Largest, MeaningOfZero = NoLimit)]
    public int PredictingBurst { get; set; } = 4_000;

    /// <summary>Other requests that may write which one client may send per minute, on average and at once.</summary>
    [SettingRange(Section, 1, Largest, MeaningOfZero = NoLimit)]
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

[OptionsValidator]
internal sealed partial class RateLimitOptionsValidator : IValidateOptions<RateLimitOptions>;
