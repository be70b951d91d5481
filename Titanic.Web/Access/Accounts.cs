using System.Net.Mail;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;

namespace Titanic.Web.Access;

/// <summary>A change of an account that is refused; the message is for the user.</summary>
public sealed class AccountException(string message) : InvalidOperationException(message);

/// <summary>An account in a list.</summary>
/// <param name="Role">One of <see cref="AccountRoles"/>; null if it has none, so that it has no permission.</param>
public sealed record AccountSummary(string Email, string? Role, bool HasSecondFactor, bool IsDisabled, DateTimeOffset? LastSignInAt);

/// <summary>
/// Lists and changes accounts, for administrators. Each change is one transaction with its audit entry, and one at a time, so that two
/// changes together cannot remove the last administrator.
/// </summary>
public sealed class Accounts(TitanicDb db, UserManager<IdentityUser> users, RoleManager<IdentityRole> roles, AuditLog audit)
{
    // The bytes of "TitanicA"; any number that no other advisory lock of this database uses.
    private const long AdvisoryLock = 0x546974616E696341;

    /// <summary>All accounts, by address.</summary>
    public async Task<IReadOnlyList<AccountSummary>> List(CancellationToken cancellationToken) => await (
        from user in db.Users
        orderby user.NormalizedUserName
        let role = (from assigned in db.UserRoles join named in db.Roles on assigned.RoleId equals named.Id where assigned.UserId == user.Id select named.Name).FirstOrDefault()
        select new AccountSummary(
            user.UserName!, role, user.TwoFactorEnabled, user.LockoutEnd != null, EF.Property<DateTimeOffset?>(user, UserConfiguration.LastSignInAt))).ToListAsync(cancellationToken);

    /// <summary>Adds an account.</summary>
    /// <param name="email">The address, with which the user signs in.</param>
    /// <param name="role">One of <see cref="AccountRoles"/>.</param>
    /// <param name="password">The password; null or empty generates one.</param>
    /// <param name="by">The account or command that adds it, for the audit log.</param>
    /// <returns>The generated password, to be shown once; null if <paramref name="password"/> is set.</returns>
    /// <exception cref="AccountException">The account exists, or the address or the password is not valid.</exception>
    public Task<string?> Add(string email, string role, string? password, string by, CancellationToken cancellationToken) =>
        InTransaction(() => AddWithinTransaction(email.Trim(), role, password, by, cancellationToken), cancellationToken);

    /// <summary>Adds an administrator if there is none.</summary>
    /// <returns>The generated password; null if there is an administrator or <paramref name="password"/> is set.</returns>
    public Task<string?> AddFirstAdministrator(string email, string? password, CancellationToken cancellationToken) => InTransaction(
        async () => await Administrators().AnyAsync(cancellationToken)
            ? null
            : await AddWithinTransaction(email, AccountRoles.Admin, password, "first start", cancellationToken),
        cancellationToken);

    /// <summary>Gives an account another role; its sessions end.</summary>
    /// <exception cref="AccountException">There is no such account, or it is the last enabled administrator.</exception>
    public Task SetRole(string email, string role, string by, CancellationToken cancellationToken) => Change(email, async user =>
    {
        var earlier = await users.GetRolesAsync(user);
        EnsureSucceeded(await users.RemoveFromRolesAsync(user, earlier), user);
        EnsureSucceeded(await users.AddToRoleAsync(user, RequireRole(role)), user);
        await RequireEnabledAdministrator(user, "it cannot have another role", cancellationToken);
        await audit.Record(by, "role changed", user.UserName!, $"{(earlier.Count == 0 ? "none" : string.Join(", ", earlier))} to {role}", cancellationToken);
    }, cancellationToken);

    /// <summary>Disables an account: it cannot sign in, its sessions end, and the API keys that it created are refused.</summary>
    /// <inheritdoc cref="SetRole" path="/exception"/>
    public Task Disable(string email, string by, CancellationToken cancellationToken) => Change(email, async user =>
    {
        // Identity's lockout without end. It is used for nothing else: wrong passwords delay, they do not lock.
        EnsureSucceeded(await users.SetLockoutEnabledAsync(user, true), user);
        EnsureSucceeded(await users.SetLockoutEndDateAsync(user, DateTimeOffset.MaxValue), user);
        await RequireEnabledAdministrator(user, "it cannot be disabled", cancellationToken);
        await audit.Record(by, "account disabled", user.UserName!, null, cancellationToken);
    }, cancellationToken);

    public Task Enable(string email, string by, CancellationToken cancellationToken) => Change(email, async user =>
    {
        EnsureSucceeded(await users.SetLockoutEndDateAsync(user, null), user);
        await audit.Record(by, "account enabled", user.UserName!, null, cancellationToken);
    }, cancellationToken);

    /// <summary>Replaces the password; the sessions of the account end.</summary>
    /// <returns>The generated password, to be shown once; null if <paramref name="password"/> is set.</returns>
    /// <exception cref="AccountException">There is no such account, or the password is not valid.</exception>
    public async Task<string?> ResetPassword(string email, string? password, string by, CancellationToken cancellationToken)
    {
        var generated = string.IsNullOrEmpty(password) ? PasswordPolicy.Generate() : null;
        await Change(email, async user =>
        {
            EnsureSucceeded(await users.RemovePasswordAsync(user), user);
            EnsureSucceeded(await users.AddPasswordAsync(user, generated ?? password!), user);
            await audit.Record(by, "password reset", user.UserName!, null, cancellationToken);
        }, cancellationToken);
        return generated;
    }

    /// <summary>Disables the second factor of an account whose owner lost it; its key and recovery codes are deleted.</summary>
    public Task ResetSecondFactor(string email, string by, CancellationToken cancellationToken) => Change(email, async user =>
    {
        await SecondFactor.Remove(users, user);
        await audit.Record(by, "second factor reset", user.UserName!, null, cancellationToken);
    }, cancellationToken);

    /// <summary>Ends all sessions of an account.</summary>
    public Task SignOutEverywhere(string email, string by, CancellationToken cancellationToken) => Change(
        email, user => audit.Record(by, "signed out everywhere", user.UserName!, null, cancellationToken), cancellationToken);

    private async Task<string?> AddWithinTransaction(string email, string role, string? password, string by, CancellationToken cancellationToken)
    {
        if (!MailAddress.TryCreate(email, out _))
            throw new AccountException(ErrorText.Invalid("The address", email, "an email address"));
        var generated = string.IsNullOrEmpty(password) ? PasswordPolicy.Generate() : null;
        var user = new IdentityUser(email) { Email = email, EmailConfirmed = true };
        EnsureSucceeded(await users.CreateAsync(user, generated ?? password!), user);
        EnsureSucceeded(await users.AddToRoleAsync(user, RequireRole(role)), user);
        await audit.Record(by, role == AccountRoles.Admin ? "administrator created" : "account created", email, $"role {role}", cancellationToken);
        return generated;
    }

    private Task Change(string email, Func<IdentityUser, Task> change, CancellationToken cancellationToken) => InTransaction<object?>(async () =>
    {
        var user = await users.FindByNameAsync(email.Trim())
            ?? throw new AccountException($"There is no account \"{email.Trim()}\"; the page /access/users and the command user list list the accounts.");
        await change(user);
        EnsureSucceeded(await users.UpdateSecurityStampAsync(user), user);
        return null;
    }, cancellationToken);

    private IQueryable<IdentityUser> Administrators() =>
        from user in db.Users
        join assigned in db.UserRoles on user.Id equals assigned.UserId
        join role in db.Roles on assigned.RoleId equals role.Id
        where role.Name == AccountRoles.Admin
        select user;

    private async Task RequireEnabledAdministrator(IdentityUser changed, string consequence, CancellationToken cancellationToken)
    {
        if (!await Administrators().AnyAsync(user => user.LockoutEnd == null, cancellationToken))
            throw new AccountException($"{changed.UserName} is the last enabled administrator; {consequence}. Make another account an administrator first.");
    }

    /// <summary>
    /// Account, role and audit entry are committed in one transaction. With the lock, a second change waits and then reads the result of the
    /// first.
    /// </summary>
    private Task<T> InTransaction<T>(Func<Task<T>> work, CancellationToken cancellationToken) =>
        db.Database.CreateExecutionStrategy().ExecuteAsync(async cancelled =>
        {
            db.ChangeTracker.Clear(); // entities of a failed earlier attempt, or read before the lock
            await using var transaction = await db.Database.BeginTransactionAsync(cancelled);
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({AdvisoryLock})", cancelled);
            foreach (var role in AccountRoles.All)
            {
                if (!await roles.RoleExistsAsync(role))
                    await roles.CreateAsync(new IdentityRole(role));
            }
            var result = await work();
            await transaction.CommitAsync(cancelled);
            return result;
        }, cancellationToken);

    private static string RequireRole(string role) =>
        AccountRoles.All.Contains(role) ? role : throw new AccountException(ErrorText.UnknownName("role", role, AccountRoles.All));

    private static void EnsureSucceeded(IdentityResult result, IdentityUser user)
    {
        if (!result.Succeeded)
            throw new AccountException(string.Join(' ', result.Errors.Select(error => Describe(error, user)).Distinct()));
    }

    private static string Describe(IdentityError error, IdentityUser user) => error.Code switch
    {
        PasswordRules.ErrorCode => error.Description,
        nameof(IdentityErrorDescriber.DuplicateUserName) or nameof(IdentityErrorDescriber.DuplicateEmail) =>
            $"An account with the address {user.UserName} exists; use another address.",
        nameof(IdentityErrorDescriber.InvalidUserName) or nameof(IdentityErrorDescriber.InvalidEmail) =>
            $"The address {user.UserName} is not valid; use only letters, digits, and the characters . - _ + @.",
        nameof(IdentityErrorDescriber.ConcurrencyFailure) => $"The account {user.UserName} was changed meanwhile; try again.",
        _ => $"The account store reports {error.Code} for {user.UserName}.",
    };
}

internal sealed class UserConfiguration : IEntityTypeConfiguration<IdentityUser>
{
    /// <summary>The time of the last completed sign-in; a column that Identity's users do not have.</summary>
    public const string LastSignInAt = nameof(LastSignInAt);

    public void Configure(EntityTypeBuilder<IdentityUser> user) => user.Property<DateTimeOffset?>(LastSignInAt);
}
