using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Access;

/// <summary>The configuration section <c>Access</c>: limits of the sign-in.</summary>
public sealed class AccessOptions
{
    public const string Section = "Access";

    /// <summary>
    /// The number of sign-in attempts, successful or not, that one remote address can make per <see cref="SignInWindow"/>; 1 to 1000,
    /// default 10.
    /// </summary>
    [SettingRange(Section, 1, 1000)]
    public int SignInAttempts { get; set; } = 10;

    /// <summary>The fixed window of <see cref="SignInAttempts"/>; 1 second to 30 days, default 1 minute.</summary>
    [SettingRange(Section, "00:00:01", "30.00:00:00")]
    public TimeSpan SignInWindow { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Consecutive wrong passwords after which an account is locked for <see cref="LockoutTime"/>; 1 to 1000, default 5.</summary>
    [SettingRange(Section, 1, 1000)]
    public int LockoutFailures { get; set; } = 5;

    /// <summary>How long an account is locked; 1 second to 30 days, default 5 minutes.</summary>
    [SettingRange(Section, "00:00:01", "30.00:00:00")]
    public TimeSpan LockoutTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a sign-in is valid without a request; 1 second to 30 days, default 8 hours.</summary>
    [SettingRange(Section, "00:00:01", "30.00:00:00")]
    public TimeSpan SessionTime { get; set; } = TimeSpan.FromHours(8);
}

[OptionsValidator]
internal sealed partial class AccessOptionsValidator : IValidateOptions<AccessOptions>;

/// <summary>
/// The minimum and the maximum of a setting. Unlike the message of <see cref="RangeAttribute"/>, its message contains the full name of the
/// setting and the value: "Access:SignInAttempts is 0; it must be between 1 and 1000."
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingRangeAttribute : ValidationAttribute
{
    private readonly string _section;
    private readonly IComparable _smallest, _largest;

    public SettingRangeAttribute(string section, int smallest, int largest) => (_section, _smallest, _largest) = (section, smallest, largest);

    /// <param name="section">The configuration section of the setting.</param>
    /// <param name="smallest">The minimum, in the format of <see cref="TimeSpan"/>, for example <c>00:00:01</c>.</param>
    /// <param name="largest">The maximum, for example <c>30.00:00:00</c>.</param>
    public SettingRangeAttribute(string section, string smallest, string largest) =>
        (_section, _smallest, _largest) =
            (section, TimeSpan.Parse(smallest, CultureInfo.InvariantCulture), TimeSpan.Parse(largest, CultureInfo.InvariantCulture));

    /// <summary>The meaning of 0, if 0 is allowed in addition to the range; null (default): 0 is not allowed.</summary>
    public string? MeaningOfZero { get; set; }

    protected override ValidationResult? IsValid(object? value, ValidationContext context)
    {
        if ((_smallest.CompareTo(value) <= 0 && _largest.CompareTo(value) >= 0) || (MeaningOfZero is not null && value is 0))
            return ValidationResult.Success;
        var zero = MeaningOfZero is null ? "" : $", or 0 for {MeaningOfZero}";
        return new ValidationResult(
            FormattableString.Invariant($"{_section}:{context.MemberName} is {value}; it must be between {_smallest} and {_largest}{zero}."));
    }
}
