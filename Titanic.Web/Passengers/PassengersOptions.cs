using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Passengers;

/// <summary>Configuration section "Passengers": limits for imported files. A file that exceeds a limit is rejected.</summary>
public sealed class PassengersOptions
{
    public const string Section = "Passengers";

    /// <summary>Maximum number of HTTP redirects of a download.</summary>
    public const int MaximumRedirects = 5;

    /// <summary>Maximum size of a file, download or request body in bytes. Default: 512 MiB.</summary>
    [SettingRange(Section, 1, 1L << 40)]
    public long MaximumFileSizeInBytes { get; set; } = 512L * 1024 * 1024;

    /// <summary>Maximum number of columns of a CSV file. Default: 100.</summary>
    [SettingRange(Section, 7, 10_000)]
    public int MaximumColumns { get; set; } = 100;

    /// <summary>
    /// Maximum length of one record. It is also the size of the read buffer, so it bounds the memory per file. Default: 65536.
    /// </summary>
    [SettingRange(Section, 1_000, 16 * 1024 * 1024)]
    public int MaximumRecordLengthInCharacters { get; set; } = 64 * 1024;

    /// <summary>
    /// Maximum time to wait for the response headers of a URL, and separately the maximum total time to wait for its body. Time spent
    /// processing rows does not count. Default: 5 minutes.
    /// </summary>
    [DurationRange(Section, "00:00:00", "1.00:00:00")]
    public TimeSpan DownloadTimeOut { get; set; } = TimeSpan.FromMinutes(5);
}

[OptionsValidator]
internal sealed partial class PassengersOptionsValidator : IValidateOptions<PassengersOptions>;

/// <summary>Validates that a setting is a number in an inclusive range. The message states the setting, the value and the range.</summary>
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

/// <summary>Validates that a setting is a duration greater than a lower bound (exclusive) and at most a maximum (inclusive).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationRangeAttribute(string section, string longerThan, string maximum) : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is TimeSpan duration && duration > Parse(longerThan) && duration <= Parse(maximum)
            ? ValidationResult.Success
            : new ValidationResult($"{section}:{validationContext.MemberName} is {value:c}; it must be longer than {longerThan} and at most {maximum}.");

    private static TimeSpan Parse(string text) => TimeSpan.Parse(text, CultureInfo.InvariantCulture);
}
