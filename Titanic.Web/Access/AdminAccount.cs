using System.Net.Mail;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Access;

/// <summary>Creates the administrator of the first start.</summary>
public sealed class AdminAccount(Accounts accounts, IOptions<AdminOptions> options)
{
    /// <summary>
    /// Creates the administrator of <see cref="AdminOptions"/> if no account is an administrator. Several processes can call it at the same
    /// time.
    /// </summary>
    /// <returns>The generated password, to be shown once; null if an administrator exists or the password was configured.</returns>
    public Task<string?> EnsureCreated(CancellationToken cancellationToken) =>
        accounts.AddFirstAdministrator(options.Value.Email, options.Value.Password, cancellationToken);
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
        if (string.IsNullOrEmpty(options.Password) || PasswordPolicy.FindProblem($"{AdminOptions.Section}:Password", options.Password, options.Email) is not { } problem)
            return ValidateOptionsResult.Success;
        return ValidateOptionsResult.Fail($"{problem} Leave it empty to generate a password.");
    }
}
