using System.Net;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Access;

public enum SignInOutcome { SignedIn, Refused, LockedOut }

/// <summary>Begins and ends a person's session.</summary>
public sealed class SignIn(SignInManager<IdentityUser> manager, AuditLog audit)
{
    public async Task<SignInOutcome> Attempt(string email, string password, CancellationToken cancellationToken)
    {
        var user = await manager.UserManager.FindByNameAsync(email);
        if (user is null)
        {
            // As much work as for a wrong password, so that the time taken does not tell which addresses have an account.
            manager.UserManager.PasswordHasher.HashPassword(new IdentityUser(), password);
            return SignInOutcome.Refused;
        }

        var result = await manager.PasswordSignInAsync(user, password, isPersistent: false, lockoutOnFailure: true);
        if (result.Succeeded)
        {
            await audit.Record(user.UserName!, "signed in", user.UserName!, null, cancellationToken);
            return SignInOutcome.SignedIn;
        }
        if (!result.IsLockedOut) return SignInOutcome.Refused;
        await audit.Record("anonymous", "sign-in refused, account locked", user.UserName!, null, cancellationToken);
        return SignInOutcome.LockedOut;
    }

    /// <summary>Ends every session of this person: the new security stamp makes all cookies made before worthless, copies included.</summary>
    public async Task End(ClaimsPrincipal signedIn, CancellationToken cancellationToken)
    {
        if (await manager.UserManager.GetUserAsync(signedIn) is { } user)
        {
            await manager.UserManager.UpdateSecurityStampAsync(user);
            await audit.Record(user.UserName!, "signed out", user.UserName!, null, cancellationToken);
        }
        await manager.SignOutAsync();
    }
}

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
