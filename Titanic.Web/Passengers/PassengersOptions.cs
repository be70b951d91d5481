using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Passengers;

/// <summary>Configuration section "Passengers": how much a file may demand of us before it is refused.</summary>
public sealed class PassengersOptions
{
    public const string Section = "Passengers";

    public const int MaximumRedirects = 5;

    [SettingRange(Section, 1, 1L << 40)]
    public long MaximumFileSizeInBytes { get; set; } = 512L * 1024 * 1024;

    [SettingRange(Section, 7, 10_000)]
    public int MaximumColumns { get; set; } = 100;

    /// <summary>Also the size of the read buffer: a file costs this much memory, however long it is.</summary>
    [SettingRange(Section, 1_000, 16 * 1024 * 1024)]
    public int MaximumRecordLengthInCharacters { get; set; } = 64 * 1024;

    /// <summary>What a URL may make us wait for its answer, and again in sum for its body; our own work does not count.</summary>
    [DurationRange(Section, "00:00:00", "1.00:00:00")]
    public TimeSpan DownloadTimeOut { get; set; } = TimeSpan.FromMinutes(5);
}

[OptionsValidator]
internal sealed partial class PassengersOptionsValidator : IValidateOptions<PassengersOptions>;

/// <summary>A setting that is a number from a minimum to a maximum, both allowed. The message tells the setting, the value and what is allowed.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingRangeAttribute(string section, long minimum, long maximum) : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var number = Convert.ToInt64(value, CultureInfo.InvariantCulture);
        return number >= minimum && number <= maximum ? ValidationResult.Success : new ValidationResult(string.Create(
            CultureInfo.InvariantCulture, $"{section}:{validationContext.MemberName} is {number}; it must be from {minimum} to {maximum}."));
    }
}

/// <summary>A setting that is a duration longer than a minimum and not longer than a maximum.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationRangeAttribute(string section, string longerThan, string maximum) : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is TimeSpan duration && duration > Parse(longerThan) && duration <= Parse(maximum)
            ? ValidationResult.Success
            : new ValidationResult($"{section}:{validationContext.MemberName} is {value:c}; it must be longer than {longerThan} and at most {maximum}.");

    private static TimeSpan Parse(string text) => TimeSpan.Parse(text, CultureInfo.InvariantCulture);
}
