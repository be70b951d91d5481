using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Titanic.Web.Access;

/// <summary>
/// Limits the requests that compute for long or read all training rows, such as comparisons, archives, exports and verifications: this
/// process executes few of them at a time, so that the other processors predict, and the others wait.
/// </summary>
public static class CostlyReads
{
    /// <summary>The policy for <c>[EnableRateLimiting]</c> of pages; endpoints call <see cref="LimitCostlyReads"/>. All share one limiter.</summary>
    public const string Policy = "costly";

    private const int QueueLimit = 32;

    private const int RetryAfterSeconds = 2;

    /// <summary>In bytes per second: a client that reads slower would keep others waiting, so its connection is aborted.</summary>
    private const double SlowestClient = 16 * 1024;

    /// <summary>Requests that are executed at the same time: half of the processors.</summary>
    public static int Concurrency { get; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Limits an endpoint, including the time in which the client reads its response.</summary>
    public static TBuilder LimitCostlyReads<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.RequireRateLimiting(Policy).AddEndpointFilter((invocation, next) =>
        {
            if (invocation.HttpContext.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate) // HTTP/1.1
                rate.MinDataRate = new MinDataRate(SlowestClient, gracePeriod: TimeSpan.FromSeconds(5));
            return next(invocation);
        });

    internal static RateLimitPartition<object> Partition(HttpContext context) => IsCostly(context)
        ? RateLimitPartition.GetConcurrencyLimiter<object>(Policy, _ => new() { PermitLimit = Concurrency, QueueLimit = QueueLimit })
        : RateLimitPartition.GetNoLimiter<object>("other methods");

    /// <summary>Whether the limiter of this class, which knows no time to wait, has rejected a request.</summary>
    internal static bool IsRejectedBy(RateLimitLease lease) => !lease.TryGetMetadata(MetadataName.RetryAfter, out _);

    /// <summary>503, because another client may be the cause; a browser gets the error page of this status.</summary>
    internal static Task Reject(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return AuthChallenge.IsApiRequest(context.Request)
            ? Results.Problem(
                $"{Quantity.Of(QueueLimit, "costly request")} already wait in this process. Nothing was done; try again in {RetryAfterSeconds} s.",
                statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(context)
            : Task.CompletedTask;
    }

    private static bool IsCostly(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method) || context.GetEndpoint()?.Metadata.GetMetadata<CostlyPostsAttribute>() is null;
}

/// <summary>Marks a page with the policy <see cref="CostlyReads.Policy"/> of which only POST requests are costly.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CostlyPostsAttribute : Attribute;
