using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Access;

/// <summary>
/// Bounds how fast one remote address may guess passwords: a fixed window of attempts. It is asked by the sign-in page itself and not by
/// middleware, so that a person who is refused sees the same page again, with the address they typed and how long to wait.
/// </summary>
public sealed class SignInRateLimit(IOptions<AccessOptions> options) : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress> limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address =>
        RateLimitPartition.GetFixedWindowLimiter(address, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = options.Value.SignInAttempts,
            Window = options.Value.SignInWindow,
        }));

    /// <summary>Counts one attempt.</summary>
    /// <param name="context">The attempt's request.</param>
    /// <param name="retryAfter">How long to wait when refused.</param>
    public bool Allows(HttpContext context, out TimeSpan retryAfter)
    {
        using var lease = limiter.AttemptAcquire(RemoteClient.AddressOf(context));
        retryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.Zero;
        return lease.IsAcquired;
    }

    public void Dispose() => limiter.Dispose();
}
