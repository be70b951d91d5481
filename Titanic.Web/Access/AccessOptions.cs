using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Access;

/// <summary>Configuration section <c>Access</c>.</summary>
public sealed class AccessOptions
{
    public const string Section = "Access";

    /// <summary>Sign-in attempts, good and bad, that one remote address may make per <see cref="SignInWindow"/>.</summary>
    [SettingRange(Section, 1, 1000)]
    public int SignInAttempts { get; set; } = 10;

    [SettingRange(Section, "00:00:01", "30.00:00:00")]
    public TimeSpan SignInWindow { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Wrong passwords in a row after which an account is locked for <see cref="LockoutTime"/>.</summary>
    [SettingRange(Section, 1, 1000)]
    public int LockoutFailures { get; set; } = 5;

    [SettingRange(Section, "00:00:01", "30.00:00:00")]
    public TimeSpan LockoutTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a sign-in lasts without a request.</summary>
    [SettingRange(Section, "00:00:01", "30.00:00:00")]
    public TimeSpan SessionTime { get; set; } = TimeSpan.FromHours(8);
}

[OptionsValidator]
internal sealed partial class AccessOptionsValidator : IValidateOptions<AccessOptions>;

/// <summary>
/// A setting's smallest and largest allowed value. Unlike <see cref="RangeAttribute"/>, its message has the setting's whole name and the value:
/// "Access:SignInAttempts is 0; it must be between 1 and 1000."
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingRangeAttribute : ValidationAttribute
{
    private readonly string _section;
    private readonly IComparable _smallest, _largest;

    public SettingRangeAttribute(string section, int smallest, int largest) => (_section, _smallest, _largest) = (section, smallest, largest);

    /// <param name="section">The configuration section of the setting.</param>
    /// <param name="smallest">A time such as <c>00:00:01</c>.</param>
    /// <param name="largest">Another, such as <c>30.00:00:00</c>.</param>
    public SettingRangeAttribute(string section, string smallest, string largest) =>
        (_section, _smallest, _largest) = (section, TimeSpan.Parse(smallest, CultureInfo.InvariantCulture), TimeSpan.Parse(largest, CultureInfo.InvariantCulture));

    /// <summary>What 0 means where it is allowed although it is outside the range; null by default: it is not.</summary>
    public string? MeaningOfZero { get; set; }

    protected override ValidationResult? IsValid(object? value, ValidationContext context)
    {
        if ((_smallest.CompareTo(value) <= 0 && _largest.CompareTo(value) >= 0) || (MeaningOfZero is not null && value is 0))
            return ValidationResult.Success;
        var zero = MeaningOfZero is null ? "" : $", or 0 for {MeaningOfZero}";
        return new ValidationResult(FormattableString.Invariant($"{_section}:{context.MemberName} is {value}; it must be between {_smallest} and {_largest}{zero}."));
    }
}
