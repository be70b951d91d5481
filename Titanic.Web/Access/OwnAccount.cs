using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;

namespace Titanic.Web.Access;

/// <summary>A key for an authenticator app, before a code confirms it.</summary>
/// <param name="Key">The key in base 32.</param>
/// <param name="Address">The address in the QR code, as authenticator apps read it.</param>
/// <param name="Proof">Proves to the next request that the password was verified; valid for an hour.</param>
public sealed record SecondFactorSetup(string Key, string Address, string Proof);

/// <summary>
/// What a signed-in user can change of the own account. A change that matters for security requires the password, ends all other sessions and
/// keeps the present one.
/// </summary>
public sealed class OwnAccount(
    SignInManager<IdentityUser> manager, SignIn signIn, SecondFactor secondFactor, AuditLog audit, IDataProtectionProvider protection)
{
    private static readonly TimeSpan _setupTime = TimeSpan.FromHours(1);

    private readonly ITimeLimitedDataProtector _setups = protection.CreateProtector("Titanic.SecondFactorSetup").ToTimeLimitedDataProtector();

    private const int RecoveryCodeCount = 10;
    private const string Issuer = "Titanic";

    private UserManager<IdentityUser> Users => manager.UserManager;

    /// <summary>The account of a request, which the policy <see cref="AccessPolicies.SignedIn"/> has authorized.</summary>
    public async Task<IdentityUser> Find(ClaimsPrincipal signedIn) =>
        await Users.GetUserAsync(signedIn) ?? throw new InvalidOperationException("The account of the request does not exist.");

    /// <returns>Why the password was not changed; null if it was.</returns>
    public async Task<string?> ChangePassword(IdentityUser user, string current, string replacement, CancellationToken cancellationToken)
    {
        if (PasswordPolicy.FindProblem("The new password", replacement, user.UserName!) is { } refused)
            return refused;
        if (await FindProblem(user, current, cancellationToken) is { } problem)
            return problem;
        if (!(await Users.ChangePasswordAsync(user, current, replacement)).Succeeded)
            return "The account was changed meanwhile. Try again.";
        await Complete(user, "password changed", cancellationToken);
        return null;
    }

    public Task<int> CountRecoveryCodes(IdentityUser user) => Users.CountRecoveryCodesAsync(user);

    /// <summary>Generates the key for the authenticator app; it has no effect until a code confirms it.</summary>
    /// <returns>The key, or why it was not generated.</returns>
    public async Task<(SecondFactorSetup? Setup, string? Problem)> StartSecondFactor(IdentityUser user, string password, CancellationToken cancellationToken)
    {
        if (user.TwoFactorEnabled)
            return (null, "The second factor is enabled already.");
        if (await FindProblem(user, password, cancellationToken) is { } problem)
            return (null, problem);
        await Users.ResetAuthenticatorKeyAsync(user);
        await Complete(user, "second factor key generated", cancellationToken);
        var key = (await Users.GetAuthenticatorKeyAsync(user))!;
        return (SetupOf(user, key, _setups.Protect(key, _setupTime)), null);
    }

    /// <summary>The key of the form that <see cref="StartSecondFactor"/> returned; null if it is not the current key or too old.</summary>
    public async Task<SecondFactorSetup?> FindSetup(IdentityUser user, string proof)
    {
        try
        {
            var key = _setups.Unprotect(proof);
            return !user.TwoFactorEnabled && key == await Users.GetAuthenticatorKeyAsync(user) ? SetupOf(user, key, proof) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Enables the second factor if the code is one of the key of <see cref="FindSetup"/>.</summary>
    /// <returns>The recovery codes, to be shown once; null if the code is wrong.</returns>
    public async Task<IReadOnlyList<string>?> EnableSecondFactor(IdentityUser user, string code, CancellationToken cancellationToken)
    {
        if (!await secondFactor.Verify(user, code, cancellationToken))
            return null;
        await Users.SetTwoFactorEnabledAsync(user, true);
        var codes = await Users.GenerateNewTwoFactorRecoveryCodesAsync(user, RecoveryCodeCount);
        await Complete(user, "second factor enabled", cancellationToken);
        return [.. codes!];
    }

    /// <returns>Why it was not disabled; null if it was.</returns>
    public async Task<string?> DisableSecondFactor(IdentityUser user, string password, CancellationToken cancellationToken)
    {
        if (await FindProblem(user, password, cancellationToken) is { } problem)
            return problem;
        await SecondFactor.Remove(Users, user);
        await Complete(user, "second factor disabled", cancellationToken);
        return null;
    }

    /// <summary>Replaces the recovery codes.</summary>
    /// <returns>The codes, to be shown once, or why they were not replaced.</returns>
    public async Task<(IReadOnlyList<string>? Codes, string? Problem)> NewRecoveryCodes(IdentityUser user, string password, CancellationToken cancellationToken)
    {
        if (!user.TwoFactorEnabled)
            return (null, "The second factor is not enabled.");
        if (await FindProblem(user, password, cancellationToken) is { } problem)
            return (null, problem);
        var codes = await Users.GenerateNewTwoFactorRecoveryCodesAsync(user, RecoveryCodeCount);
        await Complete(user, "recovery codes replaced", cancellationToken);
        return ([.. codes!], null);
    }

    private static SecondFactorSetup SetupOf(IdentityUser user, string key, string proof) =>
        new(key, $"otpauth://totp/{Issuer}:{Uri.EscapeDataString(user.UserName!)}?secret={key}&issuer={Issuer}&digits=6", proof);

    private async Task<string?> FindProblem(IdentityUser user, string password, CancellationToken cancellationToken)
    {
        var attempt = await signIn.Confirm(user, password, cancellationToken);
        return attempt.Outcome switch
        {
            SignInOutcome.SignedIn => null,
            SignInOutcome.Delayed => $"Too many wrong passwords. Try again in {Quantity.Of(attempt.RetryAfterSeconds, "second")}.",
            _ => "The current password is wrong.",
        };
    }

    /// <summary>The security stamp has changed, which ends all sessions; the present one gets a new cookie.</summary>
    private async Task Complete(IdentityUser user, string what, CancellationToken cancellationToken)
    {
        await Users.UpdateSecurityStampAsync(user);
        await manager.RefreshSignInAsync(user);
        await audit.Record(user.UserName!, what, user.UserName!, null, cancellationToken);
    }
}
