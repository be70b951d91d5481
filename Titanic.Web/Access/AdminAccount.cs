using System.Net.Mail;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Titanic.Web.Database;

namespace Titanic.Web.Access;

/// <summary>Creates administrator accounts: the first one on the first start, others from the command line.</summary>
public sealed class AdminAccount(
    TitanicDb db, UserManager<IdentityUser> users, RoleManager<IdentityRole> roles, AuditLog audit, IOptions<AdminOptions> options)
{
    // The bytes of "TitanicA"; any number that no other advisory lock of this database uses.
    private const long AdvisoryLock = 0x546974616E696341;

    /// <summary>
    /// Creates the role and, if no account has it, the administrator of <see cref="AdminOptions"/>. Several processes can call it at the
    /// same time.
    /// </summary>
    /// <returns>The generated password, to be shown once; null if an administrator exists or the password was configured.</returns>
    public Task<string?> EnsureCreated(CancellationToken cancellationToken) => InTransaction(async () =>
    {
        var admins = await users.GetUsersInRoleAsync(AccessPolicies.AdminRole);
        return admins.Count > 0 ? null : await Add(options.Value.Email, options.Value.Password, by: "first start", cancellationToken);
    }, cancellationToken);

    /// <summary>Creates an administrator account.</summary>
    /// <param name="password">The password; null or empty generates one.</param>
    /// <returns>The generated password, to be shown once; null if <paramref name="password"/> is set.</returns>
    /// <exception cref="InvalidOperationException">The account exists, or the email address or the password is not valid.</exception>
    public Task<string?> Create(string email, string? password, CancellationToken cancellationToken) =>
        InTransaction(() => Add(email, password, by: "command line", cancellationToken), cancellationToken);

    private async Task<string?> Add(string email, string? password, string by, CancellationToken cancellationToken)
    {
        var generated = string.IsNullOrEmpty(password) ? PasswordPolicy.Generate() : null;
        var admin = new IdentityUser(email) { Email = email, EmailConfirmed = true };
        EnsureSucceeded(await users.CreateAsync(admin, generated ?? password!), $"The administrator {email} was not created");
        EnsureSucceeded(await users.AddToRoleAsync(admin, AccessPolicies.AdminRole), $"The role {AccessPolicies.AdminRole} was not assigned to {email}");
        await audit.Record(by, "administrator created", email, null, cancellationToken);
        return generated;
    }

    /// <summary>
    /// Account, role and audit entry are committed in one transaction. With the lock, a second process waits and then reads the result of
    /// the first instead of failing on the unique index of names.
    /// </summary>
    private Task<string?> InTransaction(Func<Task<string?>> work, CancellationToken cancellationToken) =>
        db.Database.CreateExecutionStrategy().ExecuteAsync(async cancelled =>
        {
            db.ChangeTracker.Clear(); // entities of a failed earlier attempt
            await using var transaction = await db.Database.BeginTransactionAsync(cancelled);
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({AdvisoryLock})", cancelled);
            if (!await roles.RoleExistsAsync(AccessPolicies.AdminRole))
                EnsureSucceeded(await roles.CreateAsync(new IdentityRole(AccessPolicies.AdminRole)), $"The role {AccessPolicies.AdminRole} was not created");
            var generated = await work();
            await transaction.CommitAsync(cancelled);
            return generated;
        }, cancellationToken);

    private static void EnsureSucceeded(IdentityResult result, string failureMessage)
    {
        if (!result.Succeeded)
            throw new InvalidOperationException($"{failureMessage}: {string.Join(' ', result.Errors.Select(Describe).Distinct())}");
    }

    private static string Describe(IdentityError error) => error.Code switch
    {
        nameof(IdentityErrorDescriber.DuplicateUserName) or nameof(IdentityErrorDescriber.DuplicateEmail) =>
            "an account with this email address exists; use another address.",
        nameof(IdentityErrorDescriber.InvalidUserName) or nameof(IdentityErrorDescriber.InvalidEmail) =>
            "the email address must have only ASCII letters, digits and the characters - . _ @ +.",
        nameof(IdentityErrorDescriber.PasswordTooShort) or nameof(IdentityErrorDescriber.PasswordRequiresUniqueChars) =>
            $"the password must have at least {PasswordPolicy.MinimumLength} characters, at least {PasswordPolicy.MinimumDistinctCharacters} of them distinct.",
        _ => $"the account store reports {error.Code}.",
    };
}

/// <summary>The configuration section <c>Titanic:Admin</c>: the administrator created on the first start. Later starts ignore it.</summary>
public sealed class AdminOptions
{
    public const string Section = "Titanic:Admin";

    public string Email { get; set; } = "admin@titanic.local";

    /// <summary>The password; if null (default) or empty, a password is generated and shown once.</summary>
    public string? Password { get; set; }
}

internal sealed class AdminOptionsValidator : IValidateOptions<AdminOptions>
{
    public ValidateOptionsResult Validate(string? name, AdminOptions options)
    {
        if (!MailAddress.TryCreate(options.Email, out _))
            return ValidateOptionsResult.Fail(ErrorText.Invalid($"{AdminOptions.Section}:Email", options.Email, "an email address"));
        if (string.IsNullOrEmpty(options.Password) || PasswordPolicy.IsValid(options.Password))
            return ValidateOptionsResult.Success;
        return ValidateOptionsResult.Fail(
            $"{AdminOptions.Section}:Password has {options.Password.Length} characters, {options.Password.Distinct().Count()} of them distinct; "
            + $"it must have at least {PasswordPolicy.MinimumLength} characters, at least {PasswordPolicy.MinimumDistinctCharacters} of them distinct. "
            + "Leave it empty to generate a password.");
    }
}

/// <summary>
/// Requires a minimum length and a minimum number of distinct characters, but no character classes (NIST SP 800-63B, 5.1.1: length matters
/// more than composition).
/// </summary>
internal static class PasswordPolicy
{
    public const int MinimumLength = 12;
    public const int MinimumDistinctCharacters = 5;
    private const int GeneratedLength = 24;

    // Without 0 O o 1 I l, which are easy to confuse; 24 characters of these 56 have 139 bits of entropy.
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";

    public static string Generate() => RandomNumberGenerator.GetString(Alphabet, GeneratedLength);

    public static bool IsValid(string password) =>
        password.Length >= MinimumLength && password.Distinct().Count() >= MinimumDistinctCharacters;

    public static void Apply(PasswordOptions options)
    {
        options.RequiredLength = MinimumLength;
        options.RequiredUniqueChars = MinimumDistinctCharacters;
        options.RequireDigit = options.RequireLowercase = options.RequireUppercase = options.RequireNonAlphanumeric = false;
    }
}
