using System.Net.Mail;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Titanic.Web.Database;

namespace Titanic.Web.Access;

/// <summary>Makes administrators: the first one when the site first starts, others from the command line.</summary>
public sealed class AdminAccount(
    TitanicDb db, UserManager<IdentityUser> users, RoleManager<IdentityRole> roles, AuditLog audit, IOptions<AdminOptions> options)
{
    // "TitanicA" as bytes: any number will do that no other advisory lock of ours uses.
    private const long AdvisoryLock = 0x546974616E696341;

    /// <summary>
    /// Makes the role and, when nobody has it, the administrator of <see cref="AdminOptions"/>. Safe when several processes start at once.
    /// </summary>
    /// <returns>The generated password, to be shown once; null when an administrator exists or the password was configured.</returns>
    public Task<string?> EnsureCreated(CancellationToken cancellationToken) => InOneTransaction(async () =>
    {
        var admins = await users.GetUsersInRoleAsync(AccessPolicies.AdminRole);
        return admins.Count > 0 ? null : await Add(options.Value.Email, options.Value.Password, by: "first start", cancellationToken);
    }, cancellationToken);

    /// <summary>Makes one more administrator.</summary>
    /// <returns>The generated password, to be shown once; null when <paramref name="password"/> was given.</returns>
    /// <exception cref="InvalidOperationException">The account exists, or the address or the password is not acceptable.</exception>
    public Task<string?> Create(string email, string? password, CancellationToken cancellationToken) =>
        InOneTransaction(() => Add(email, password, by: "command line", cancellationToken), cancellationToken);

    private async Task<string?> Add(string email, string? password, string by, CancellationToken cancellationToken)
    {
        var generated = string.IsNullOrEmpty(password) ? PasswordRule.Generate() : null;
        var admin = new IdentityUser(email) { Email = email, EmailConfirmed = true };
        Demand(await users.CreateAsync(admin, generated ?? password!), $"The administrator {email} was not created");
        Demand(await users.AddToRoleAsync(admin, AccessPolicies.AdminRole), $"{email} was not made an administrator");
        await audit.Record(by, "administrator created", email, null, cancellationToken);
        return generated;
    }

    /// <summary>
    /// Account, role and audit entry come together or not at all. The lock lets a second process wait and then see the first one's work
    /// instead of failing on the unique index of names.
    /// </summary>
    private Task<string?> InOneTransaction(Func<Task<string?>> work, CancellationToken cancellationToken) =>
        db.Database.CreateExecutionStrategy().ExecuteAsync(async cancelled =>
        {
            db.ChangeTracker.Clear(); // what a failed earlier attempt left behind
            await using var transaction = await db.Database.BeginTransactionAsync(cancelled);
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({AdvisoryLock})", cancelled);
            if (!await roles.RoleExistsAsync(AccessPolicies.AdminRole))
                Demand(await roles.CreateAsync(new IdentityRole(AccessPolicies.AdminRole)), "The administrator's role was not created");
            var generated = await work();
            await transaction.CommitAsync(cancelled);
            return generated;
        }, cancellationToken);

    private static void Demand(IdentityResult result, string otherwise)
    {
        if (!result.Succeeded)
            throw new InvalidOperationException($"{otherwise}: {string.Join(' ', result.Errors.Select(e => e.Description))}");
    }
}

/// <summary>Configuration section <c>Titanic:Admin</c>: the administrator made on the first start. Later starts ignore it.</summary>
public sealed class AdminOptions
{
    public const string Section = "Titanic:Admin";

    public string Email { get; set; } = "admin@titanic.local";

    /// <summary>Absent or empty: a password is generated and shown once.</summary>
    public string? Password { get; set; }
}

internal sealed class AdminOptionsValidator : IValidateOptions<AdminOptions>
{
    public ValidateOptionsResult Validate(string? name, AdminOptions options)
    {
        if (!MailAddress.TryCreate(options.Email, out _))
            return ValidateOptionsResult.Fail($"{AdminOptions.Section}:Email is '{options.Email}'; it must be an e-mail address.");
        if (string.IsNullOrEmpty(options.Password) || PasswordRule.Accepts(options.Password))
            return ValidateOptionsResult.Success;
        return ValidateOptionsResult.Fail(
            $"{AdminOptions.Section}:Password has {options.Password.Length} characters, {options.Password.Distinct().Count()} of them different; "
            + $"it must have at least {PasswordRule.MinimumLength}, {PasswordRule.MinimumDistinctCharacters} of them different. "
            + "Leave it empty to have one generated.");
    }
}

/// <summary>
/// Long beats complicated (NIST SP 800-63B, 5.1.1): no required kinds of characters, but a minimum length and not one letter repeated.
/// </summary>
internal static class PasswordRule
{
    public const int MinimumLength = 12;
    public const int MinimumDistinctCharacters = 5;
    private const int GeneratedLength = 24;

    // Without 0 O o 1 I l, which people mistake when they copy from a terminal; 24 of these 56 are 139 bits.
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";

    public static string Generate() => RandomNumberGenerator.GetString(Alphabet, GeneratedLength);

    public static bool Accepts(string password) =>
        password.Length >= MinimumLength && password.Distinct().Count() >= MinimumDistinctCharacters;

    public static void Apply(PasswordOptions options)
    {
        options.RequiredLength = MinimumLength;
        options.RequiredUniqueChars = MinimumDistinctCharacters;
        options.RequireDigit = options.RequireLowercase = options.RequireUppercase = options.RequireNonAlphanumeric = false;
    }
}
