using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.Options;
using Titanic.Web.Database;

namespace Titanic.Web.Access;

/// <summary>
/// Delays sign-in attempts, for existing and unknown accounts alike. Every attempt counts before the password is verified, so that
/// concurrent attempts cannot exceed the limits; a completed sign-in ends the count.
/// <list type="bullet">
/// <item>A known device, which has a cookie of an earlier sign-in to the account, has a count of its own: no other client can delay it.</item>
/// <item>Other attempts count for the account and the remote address, and for the account from everywhere.</item>
/// </list>
/// The state is in the database, so the limits apply to all processes together; only <see cref="SignInRateLimit"/> is per process.
/// </summary>
public sealed class SignInThrottle(TitanicDb db, IDataProtectionProvider protection, SignInRateLimit addresses, TimeProvider clock)
{
    /// <summary>The limit of a device: 3 attempts, then delays of 1, 2, 4, 8, 16 and 30 seconds.</summary>
    internal static readonly AttemptLimit PerDevice = new(3, TimeSpan.FromSeconds(30));

    /// <summary>
    /// The limit of an address: 3 attempts, then delays that double from 1 second to 10 minutes. They become much longer than those of
    /// <see cref="PerAccount"/>, so that one stranger leaves at least nine tenths of the time to the owner at an unknown device.
    /// </summary>
    internal static readonly AttemptLimit PerAddress = new(3, TimeSpan.FromMinutes(10));

    /// <summary>
    /// The limit of all addresses together, and so of the guesses at a password: 20 attempts, then growing delays of up to a minute; 85 in the
    /// first hour, then 60 per hour.
    /// </summary>
    internal static readonly AttemptLimit PerAccount = new(20, TimeSpan.FromMinutes(1));

    /// <summary>The source of the count of <see cref="PerAccount"/>.</summary>
    private const string AllAddresses = "*";

    private static readonly TimeSpan _knownDeviceTime = TimeSpan.FromDays(180);

    /// <summary>After this time without an attempt a count begins again.</summary>
    private static readonly TimeSpan _countTime = TimeSpan.FromHours(1);

    private readonly ITimeLimitedDataProtector _devices = protection.CreateProtector("Titanic.KnownDevice").ToTimeLimitedDataProtector();

    /// <summary>Counts one attempt.</summary>
    /// <param name="context">The request with the attempt.</param>
    /// <param name="account">The normalized name of the account, which need not exist.</param>
    /// <returns>Null if the attempt is allowed, else the time to wait.</returns>
    public async Task<TimeSpan?> Begin(HttpContext context, string account, CancellationToken cancellationToken)
    {
        var device = FindDevice(context, account);
        if (device is null && !addresses.TryAcquire(context, out var retryAfter))
            return retryAfter;
        var now = clock.GetUtcNow();
        var expired = now - _countTime;
        await db.Set<SignInCount>().Where(count => count.NextAt < expired).ExecuteDeleteAsync(cancellationToken);
        return device is not null
            ? await Count(account, device, PerDevice, now, cancellationToken)
            : await Count(account, NetworkOf(context), PerAddress, now, cancellationToken) ?? await Count(account, AllAddresses, PerAccount, now, cancellationToken);
    }

    /// <summary>Ends the counts after a completed sign-in, and makes the browser a known device of the account.</summary>
    public async Task End(HttpContext context, string account, CancellationToken cancellationToken)
    {
        var known = FindDevice(context, account);
        string[] sources = known is null ? [NetworkOf(context), AllAddresses] : [known];
        var hash = HashOf(account);
        await db.Set<SignInCount>().Where(count => count.Account == hash && sources.Contains(count.Source)).ExecuteDeleteAsync(cancellationToken);
        var device = known ?? $"device {Guid.NewGuid():N}";
        context.Response.Cookies.Append(CookieOf(account), _devices.Protect($"{account}\n{device}", _knownDeviceTime), new CookieOptions
        {
            HttpOnly = true,
            IsEssential = true,
            MaxAge = _knownDeviceTime,
            Path = context.Request.PathBase.HasValue ? context.Request.PathBase.Value : "/",
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps,
        });
    }

    /// <summary>
    /// Adds one attempt unless the source must wait, in one statement: concurrent attempts of all processes get different counts.
    /// </summary>
    private async Task<TimeSpan?> Count(string account, string source, AttemptLimit limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var hash = HashOf(account);
        var (free, longest) = (limit.Free, limit.LongestDelay.TotalSeconds);
        var counted = await db.Database.ExecuteSqlAsync(
            $"""
            insert into access.sign_in_counts as c (account, source, attempts, next_at) values ({hash}, {source}, 1, {now})
            on conflict (account, source) do update set attempts = least(c.attempts + 1, 1000000), next_at = {now} + make_interval(
                secs => case when c.attempts + 1 < {free} then 0 else least({longest}, power(2::float8, least(c.attempts + 1 - {free}, 30))) end)
            where c.next_at <= {now}
            """, cancellationToken);
        if (counted > 0)
            return null;
        var next = await db.Set<SignInCount>().Where(count => count.Account == hash && count.Source == source)
            .Select(count => (DateTimeOffset?)count.NextAt).SingleOrDefaultAsync(cancellationToken);
        return next > now ? next - now : TimeSpan.FromSeconds(1);
    }

    /// <summary>The known device of a request; null if it has no valid cookie of this account.</summary>
    private string? FindDevice(HttpContext context, string account)
    {
        if (context.Request.Cookies[CookieOf(account)] is not { } cookie)
            return null;
        try
        {
            return _devices.Unprotect(cookie).Split('\n') is [var owner, var device] && owner == account ? device : null;
        }
        catch (CryptographicException) // forged, expired, or of a key that was deleted
        {
            return null;
        }
    }

    /// <summary>One cookie for each account of a browser.</summary>
    private static string CookieOf(string account) => $"titanic-device-{Convert.ToHexStringLower(HashOf(account)[..4])}";

    private static string NetworkOf(HttpContext context) => RemoteClient.AddressOf(context).ToString();

    /// <summary>A hash, because people type passwords into the wrong field.</summary>
    private static byte[] HashOf(string account) => SHA256.HashData(Encoding.UTF8.GetBytes(account));
}

/// <param name="Free">Attempts without a delay.</param>
/// <param name="LongestDelay">The delay doubles from one second with every further attempt up to this one.</param>
internal sealed record AttemptLimit(int Free, TimeSpan LongestDelay);

/// <summary>The sign-in attempts of one source for one account since its last completed sign-in.</summary>
public sealed class SignInCount
{
    /// <summary>SHA-256 of the normalized name.</summary>
    public required byte[] Account { get; init; }

    /// <summary>A device, an address, or all addresses.</summary>
    public required string Source { get; init; }

    public required int Attempts { get; init; }

    /// <summary>The time of the next attempt that is allowed.</summary>
    public required DateTimeOffset NextAt { get; init; }
}

internal sealed class SignInCountConfiguration : IEntityTypeConfiguration<SignInCount>
{
    public void Configure(EntityTypeBuilder<SignInCount> count)
    {
        count.ToTable("sign_in_counts", "access");
        count.HasKey(c => new { c.Account, c.Source });
        count.HasIndex(c => c.NextAt);
    }
}

/// <summary>
/// Limits the sign-in attempts per remote address and process with a fixed window, before anything reads the database or hashes a password.
/// </summary>
public sealed class SignInRateLimit(IOptions<AccessOptions> options) : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address =>
        RateLimitPartition.GetFixedWindowLimiter(address, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = options.Value.SignInAttempts,
            Window = options.Value.SignInWindow,
        }));

    /// <summary>Counts one attempt.</summary>
    /// <param name="context">The request with the attempt.</param>
    /// <param name="retryAfter">The time to wait if the attempt is rejected.</param>
    /// <returns>False if the limit is exceeded.</returns>
    public bool TryAcquire(HttpContext context, out TimeSpan retryAfter)
    {
        using var lease = _limiter.AttemptAcquire(RemoteClient.AddressOf(context));
        retryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.Zero;
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
