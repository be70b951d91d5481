using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.Access;

/// <summary>The result of a sign-in attempt.</summary>
public enum SignInOutcome { SignedIn, SecondFactorRequired, Failed, Disabled, Delayed, Expired }

/// <param name="RetryAfter">The time to wait if the outcome is <see cref="SignInOutcome.Delayed"/>.</param>
public sealed record SignInAttempt(SignInOutcome Outcome, TimeSpan RetryAfter = default)
{
    /// <summary><see cref="RetryAfter"/> in whole seconds, at least 1.</summary>
    public int RetryAfterSeconds => Math.Max(1, (int)Math.Ceiling(RetryAfter.TotalSeconds));
}

/// <summary>Signs users in and out and records it in the audit log.</summary>
public sealed class SignIn(SignInManager<IdentityUser> manager, TitanicDb db, SignInThrottle throttle, SecondFactor secondFactor, AuditLog audit)
{
    /// <summary>What the audit log records instead of the name of an account that does not exist, which could be a password.</summary>
    private const string UnknownAccount = "unknown account";

    private UserManager<IdentityUser> Users => manager.UserManager;

    /// <summary>Verifies the password, and sets the authentication cookie unless a second factor is required.</summary>
    public async Task<SignInAttempt> Attempt(string email, string password, CancellationToken cancellationToken)
    {
        if (await throttle.Begin(manager.Context, Users.NormalizeName(email), cancellationToken) is { } wait)
            return new(SignInOutcome.Delayed, wait);
        var user = await Users.FindByNameAsync(email);
        if (user is null)
        {
            // The same work as for a wrong password, so that the response time does not reveal which addresses have an account.
            Users.PasswordHasher.HashPassword(new IdentityUser(), password);
            return await Fail(UnknownAccount, "wrong password", cancellationToken);
        }

        var result = await manager.PasswordSignInAsync(user, password, isPersistent: false, lockoutOnFailure: false);
        if (result.RequiresTwoFactor)
            return new(SignInOutcome.SecondFactorRequired);
        if (result.IsLockedOut && await Users.CheckPasswordAsync(user, password)) // only the owner learns that the account is disabled
        {
            await Fail(user.UserName!, "account disabled", cancellationToken);
            return new(SignInOutcome.Disabled);
        }
        return result.Succeeded
            ? await Complete(user, null, cancellationToken)
            : await Fail(user.UserName!, "wrong password", cancellationToken);
    }

    /// <summary>Completes a sign-in whose password was verified, by a code of the authenticator app or a recovery code.</summary>
    public async Task<SignInAttempt> AttemptCode(string code, CancellationToken cancellationToken)
    {
        if (await manager.GetTwoFactorAuthenticationUserAsync() is not { } user)
            return new(SignInOutcome.Expired);
        if (await throttle.Begin(manager.Context, user.NormalizedUserName!, cancellationToken) is { } wait)
            return new(SignInOutcome.Delayed, wait);
        code = SecondFactor.Normalize(code);
        var isRecovery = code.Contains('-', StringComparison.Ordinal);
        // The code is verified before Identity signs in, which would count a wrong code for its lockout.
        var result = isRecovery ? await manager.TwoFactorRecoveryCodeSignInAsync(code)
            : await secondFactor.Verify(user, code, cancellationToken) ? await manager.TwoFactorAuthenticatorSignInAsync(code, isPersistent: false, rememberClient: false)
            : SignInResult.Failed;
        return result.Succeeded
            ? await Complete(user, isRecovery ? "recovery code" : "second factor", cancellationToken)
            : await Fail(user.UserName!, isRecovery ? "wrong recovery code" : "wrong or used code", cancellationToken);
    }

    /// <summary>Whether the password of the previous step was verified, so that a code can be entered.</summary>
    public async Task<bool> AwaitsCode() => await manager.GetTwoFactorAuthenticationUserAsync() is not null;

    /// <summary>Verifies the password of a signed-in user before a change of the account, with the limits of a sign-in.</summary>
    internal async Task<SignInAttempt> Confirm(IdentityUser user, string password, CancellationToken cancellationToken)
    {
        if (await throttle.Begin(manager.Context, user.NormalizedUserName!, cancellationToken) is { } wait)
            return new(SignInOutcome.Delayed, wait);
        if (!await Users.CheckPasswordAsync(user, password))
            return await Fail(user.UserName!, "wrong password at /account", cancellationToken);
        await throttle.End(manager.Context, user.NormalizedUserName!, cancellationToken);
        return new(SignInOutcome.SignedIn);
    }

    /// <summary>Ends all sessions of the user: the new security stamp invalidates all earlier cookies, including copies.</summary>
    public async Task SignOut(ClaimsPrincipal signedIn, CancellationToken cancellationToken)
    {
        if (await Users.GetUserAsync(signedIn) is { } user)
        {
            await Users.UpdateSecurityStampAsync(user);
            await audit.Record(user.UserName!, "signed out", user.UserName!, null, cancellationToken);
        }
        await manager.SignOutAsync();
    }

    private async Task<SignInAttempt> Complete(IdentityUser user, string? factor, CancellationToken cancellationToken)
    {
        var now = audit.Now;
        await db.Users.Where(found => found.Id == user.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(found => EF.Property<DateTimeOffset?>(found, UserConfiguration.LastSignInAt), now), cancellationToken);
        await audit.Record(user.UserName!, "signed in", user.UserName!, $"from {Address}{(factor is null ? "" : $", {factor}")}", cancellationToken);
        await throttle.End(manager.Context, user.NormalizedUserName!, cancellationToken);
        return new(SignInOutcome.SignedIn);
    }

    /// <summary>Recorded for unknown accounts too, because the time of the statement would reveal which accounts exist.</summary>
    private async Task<SignInAttempt> Fail(string subject, string reason, CancellationToken cancellationToken)
    {
        await audit.Record(AuditLog.Anonymous, "sign-in failed", subject, $"{reason}, from {Address}", cancellationToken);
        return new(SignInOutcome.Failed);
    }

    /// <summary>The whole address, not the network that <see cref="RemoteClient"/> limits.</summary>
    private IPAddress? Address => manager.Context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : manager.Context.Connection.RemoteIpAddress;
}
