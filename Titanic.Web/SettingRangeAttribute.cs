using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Titanic.Web;

/// <summary>
/// Minimum and maximum of a setting, both allowed. Unlike the message of <see cref="RangeAttribute"/>, its message contains the full name of
/// the setting and the value: "Access:SignInAttempts is 0; it must be between 1 and 1,000."
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingRangeAttribute : ValidationAttribute
{
    private readonly string _section;
    private readonly IComparable _minimum, _maximum;

    /// <summary>A range of an <see cref="int"/> or <see cref="long"/>.</summary>
    /// <param name="section">The configuration section of the setting.</param>
    public SettingRangeAttribute(string section, long minimum, long maximum) => (_section, _minimum, _maximum) = (section, minimum, maximum);

    /// <summary>A range of a <see cref="TimeSpan"/>.</summary>
    /// <param name="section">The configuration section of the setting.</param>
    /// <param name="minimum">The minimum, in the format of <see cref="TimeSpan"/>, for example <c>00:00:01</c>.</param>
    /// <param name="maximum">The maximum, for example <c>30.00:00:00</c>.</param>
    public SettingRangeAttribute(string section, string minimum, string maximum) =>
        (_section, _minimum, _maximum) =
            (section, TimeSpan.Parse(minimum, CultureInfo.InvariantCulture), TimeSpan.Parse(maximum, CultureInfo.InvariantCulture));

    /// <summary>The meaning of 0, if 0 is allowed in addition to the range; null (default): 0 is not allowed.</summary>
    public string? MeaningOfZero { get; set; }

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var comparable = value is TimeSpan ? value : Convert.ToInt64(value, CultureInfo.InvariantCulture);
        if ((_minimum.CompareTo(comparable) <= 0 && _maximum.CompareTo(comparable) >= 0) || (MeaningOfZero is not null && comparable is 0L))
            return ValidationResult.Success;
        var zero = MeaningOfZero is null ? "" : $", or 0 for {MeaningOfZero}";
        return new ValidationResult(
            $"{_section}:{validationContext.MemberName} is {ErrorText.Number(value!)}; it must be {ErrorText.Between(_minimum, _maximum)}{zero}.");
    }
}
