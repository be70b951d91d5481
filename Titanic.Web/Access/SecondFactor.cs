using System.Globalization;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.Access;

/// <summary>
/// The second factor: codes of an authenticator app (TOTP, RFC 6238) by Identity's provider, which accepts the codes of the last and the
/// next minute. Each code is accepted once.
/// </summary>
public sealed class SecondFactor(UserManager<IdentityUser> users, TitanicDb db, TimeProvider clock)
{
    /// <summary>The provider of <see cref="IdentityUserToken{TKey}"/> rows with the codes that were accepted; the value is the time.</summary>
    private const string UsedCodes = "used code";

    /// <summary>Longer than a code is valid.</summary>
    private static readonly TimeSpan _codeTime = TimeSpan.FromMinutes(10);

    /// <summary>Verifies a code and marks it as used.</summary>
    /// <returns>False if the code is wrong or was used before.</returns>
    public async Task<bool> Verify(IdentityUser user, string code, CancellationToken cancellationToken)
    {
        code = Normalize(code);
        if (!await users.VerifyTwoFactorTokenAsync(user, TokenOptions.DefaultAuthenticatorProvider, code))
            return false;
        var now = clock.GetUtcNow();
        var (time, limit) = (FormatTime(now), FormatTime(now - _codeTime));
        await db.UserTokens.Where(used => used.UserId == user.Id && used.LoginProvider == UsedCodes && string.Compare(used.Value, limit) < 0).ExecuteDeleteAsync(cancellationToken);
        // One statement, so that of two requests with the same code one is refused.
        return await db.Database.ExecuteSqlAsync(
            $"insert into access.user_tokens (user_id, login_provider, name, value) values ({user.Id}, {UsedCodes}, {code}, {time}) on conflict do nothing",
            cancellationToken) > 0;
    }

    /// <summary>Apps show codes in groups, and recovery codes are copied from paper.</summary>
    public static string Normalize(string code) => code.Replace(" ", "", StringComparison.Ordinal).Trim().ToUpperInvariant();

    /// <summary>Disables the second factor and deletes its key and recovery codes.</summary>
    internal static async Task Remove(UserManager<IdentityUser> users, IdentityUser user)
    {
        await users.SetTwoFactorEnabledAsync(user, false);
        await users.ResetAuthenticatorKeyAsync(user);
        await users.GenerateNewTwoFactorRecoveryCodesAsync(user, 0);
    }

    private static string FormatTime(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
}
