using System.Net;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Access;

/// <summary>The result of a sign-in attempt.</summary>
public enum SignInOutcome { SignedIn, Failed, LockedOut }

/// <summary>Signs users in and out and records it in the audit log.</summary>
public sealed class SignIn(SignInManager<IdentityUser> manager, AuditLog audit)
{
    /// <summary>
    /// Verifies the password and sets the authentication cookie. Counts wrong passwords and locks the account after too many.
    /// </summary>
    public async Task<SignInOutcome> Attempt(string email, string password, CancellationToken cancellationToken)
    {
        var user = await manager.UserManager.FindByNameAsync(email);
        if (user is null)
        {
            // The same work as for a wrong password, so that the response time does not reveal which addresses have an account.
            manager.UserManager.PasswordHasher.HashPassword(new IdentityUser(), password);
            return SignInOutcome.Failed;
        }

        var result = await manager.PasswordSignInAsync(user, password, isPersistent: false, lockoutOnFailure: true);
        if (result.Succeeded)
        {
            await audit.Record(user.UserName!, "signed in", user.UserName!, null, cancellationToken);
            return SignInOutcome.SignedIn;
        }
        if (!result.IsLockedOut) return SignInOutcome.Failed;
        await audit.Record("anonymous", "sign-in refused, account locked", user.UserName!, null, cancellationToken);
        return SignInOutcome.LockedOut;
    }

    /// <summary>Ends all sessions of the user: the new security stamp invalidates all earlier cookies, including copies.</summary>
    public async Task SignOut(ClaimsPrincipal signedIn, CancellationToken cancellationToken)
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
/// Limits the sign-in attempts per remote address with a fixed window. The sign-in page calls it instead of middleware, so that a rejected
/// user gets the same page with the email address they entered and the time to wait.
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
