using Microsoft.Extensions.Options;

namespace Titanic.Web.Access;

/// <summary>Configuration section <c>Access</c>.</summary>
public sealed class AccessOptions
{
    public const string Section = "Access";

    /// <summary>Sign-in attempts, good and bad, that one remote address may make per <see cref="SignInWindow"/>.</summary>
    public int SignInAttempts { get; set; } = 10;

    public TimeSpan SignInWindow { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Wrong passwords in a row after which an account is locked for <see cref="LockoutTime"/>.</summary>
    public int LockoutFailures { get; set; } = 5;

    public TimeSpan LockoutTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a sign-in lasts without a request.</summary>
    public TimeSpan SessionTime { get; set; } = TimeSpan.FromHours(8);
}

internal sealed class AccessOptionsValidation : IValidateOptions<AccessOptions>
{
    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        string[] complaints =
        [
            .. Count(nameof(options.SignInAttempts), options.SignInAttempts),
            .. Time(nameof(options.SignInWindow), options.SignInWindow),
            .. Count(nameof(options.LockoutFailures), options.LockoutFailures),
            .. Time(nameof(options.LockoutTime), options.LockoutTime),
            .. Time(nameof(options.SessionTime), options.SessionTime),
        ];
        return complaints is [] ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(complaints);
    }

    private static IEnumerable<string> Count(string setting, int seen) =>
        seen is >= 1 and <= 1000 ? [] : [$"{AccessOptions.Section}:{setting} is {seen}; it must be between 1 and 1000."];

    private static IEnumerable<string> Time(string setting, TimeSpan seen) =>
        seen >= TimeSpan.FromSeconds(1) && seen <= TimeSpan.FromDays(30)
            ? []
            : [$"{AccessOptions.Section}:{setting} is {seen:c}; it must be between 00:00:01 and 30.00:00:00."];
}
