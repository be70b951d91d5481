using System.Net.Mail;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Access;

/// <summary>Configuration section <c>Titanic:Admin</c>: the administrator made on the first start. Later starts ignore it.</summary>
public sealed class AdminOptions
{
    public const string Section = "Titanic:Admin";

    public string Email { get; set; } = "admin@titanic.local";

    /// <summary>Absent or empty: a password is generated and shown once.</summary>
    public string? Password { get; set; }
}

internal sealed class AdminOptionsValidation : IValidateOptions<AdminOptions>
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
